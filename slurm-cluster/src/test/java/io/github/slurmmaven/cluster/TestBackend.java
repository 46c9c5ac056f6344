/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The backends that tests have real clusters on. */
enum TestBackend {
  DOCKER,
  EMBEDDED;

  /** Where slurm-embedded puts the bundles that it makes. */
  static final Path BUNDLES =
      Path.of("../slurm-embedded/target/bundles").toAbsolutePath().normalize();

  private static final String DIRECTORY = "io.github.slurmmaven.directory";

  /** Returns the value of the parameter {@code engine}. */
  String engine() {
    return this == DOCKER ? "docker" : "embedded";
  }

  /** Skips the running test on a machine that this backend cannot run on. */
  void require() {
    if (this == EMBEDDED) {
      assumeTrue(
          Files.isDirectory(BUNDLES),
          () -> "No bundles in " + BUNDLES + ": 'mvn package -pl slurm-embedded' says why");
      return;
    }
    try {
      DockerEngine.connect(Environment.system()).close();
    } catch (NoEngineException e) {
      assumeTrue(false, e.getMessage());
    }
  }

  /** Returns a cluster to build on, which is this JVM's and takes any free ports. */
  ClusterRequest.Builder cluster(String name) {
    return ClusterRequest.builder()
        .engine(engine())
        .bundles(bundles())
        .name(name)
        .ssh(ssh -> ssh.port(0))
        .ownedByThisBuild(true);
  }

  /** Returns the bundles that slurm-embedded made. */
  static BundleSource bundles() {
    return name ->
        BundleSource.directory(BUNDLES.resolve(name.release()).resolve(BundleSource.RESOURCES))
            .find(name);
  }

  /** Returns what a cluster consists of while it runs: its containers, or its processes. */
  List<String> parts(SlurmCluster cluster) {
    if (this == EMBEDDED) {
      return Leftovers.processesOf(cluster.directory());
    }
    try (ContainerEngine engine = DockerEngine.connect(Environment.system())) {
      return engine.listContainers(labels(cluster)).stream().map(Objects::toString).toList();
    }
  }

  /** Fails when a destroyed cluster left something on this machine or on the engine. */
  void assertNothingIsLeftOf(SlurmCluster cluster) {
    Leftovers.assertNoneOf(cluster);
    assertNothingRunsOf(cluster);
  }

  /** Fails when a cluster that did not start left something that runs or uses the engine. */
  void assertNothingRunsOf(SlurmCluster cluster) {
    assertThat(parts(cluster)).isEmpty();
    if (this == DOCKER) {
      try (ContainerEngine engine = DockerEngine.connect(Environment.system())) {
        Map<String, String> labels = labels(cluster);
        assertThat(engine.listVolumes(labels)).isEmpty();
        assertThat(engine.listNetworks())
            .noneMatch(network -> network.labels().entrySet().containsAll(labels.entrySet()));
      }
    }
  }

  /** Returns the labels of all that a cluster has on the engine. */
  static Map<String, String> labels(SlurmCluster cluster) {
    return Map.of(DIRECTORY, cluster.directory().toString());
  }

  @Override
  public String toString() {
    return engine();
  }
}
