/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.Clusters;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Writes the OpenAPI document of slurmrestd to a file, for a generator of clients. The document
 * comes from a running cluster if {@code name} names one, or if the goal was run by hand in the
 * directory of one. Otherwise a cluster without containers is started for a moment, so that every
 * build on every machine gets the same document.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "openapi",
    defaultPhase = LifecyclePhase.GENERATE_SOURCES,
    requiresProject = false,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class OpenapiMojo extends AbstractSlurmMojo {

  private static final String SHORT_LIVED = "slurm-openapi";

  /**
   * Name of a cluster that runs and has slurmrestd. In a build, which may start the cluster of that
   * name only later, the goal does without it when it does not run.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.name")
  @Nullable String name;

  /**
   * API version that the document is cut to, for example {@code v0.0.42}. The default is the newest
   * that this Slurm speaks.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.apiVersion")
  @Nullable String apiVersion;

  /**
   * File to write.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.output", defaultValue = "${basedir}/target/slurm-openapi.json")
  File output;

  /**
   * Release of Slurm of the cluster that is started for a moment: {@code 24.11} (the default),
   * {@code 22.05} or {@code 26.05}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmVersion")
  @Nullable String slurmVersion;

  /**
   * Where the cluster that is started for a moment lives, as for {@code start}. The default is
   * {@code embedded}, processes of this machine, which are there in half a second.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.engine", defaultValue = "embedded")
  String engine;

  @Parameter(defaultValue = "${basedir}", readonly = true, required = true)
  File baseDirectory;

  @Parameter(defaultValue = "${basedir}/target", readonly = true, required = true)
  File buildDirectory;

  @Override
  boolean usesCluster() {
    return false;
  }

  @Override
  void run() {
    Optional<SlurmCluster> running = running();
    String document =
        running.isPresent()
            ? running.get().openApi(Optional.ofNullable(apiVersion))
            : ofShortLived();
    Console.answer(output, document);
    getLog().info("Written: " + output);
  }

  private Optional<SlurmCluster> running() {
    Clusters clusters = Clusters.ofThisMachine(progress());
    Path from = baseDirectory.toPath();
    Optional<String> asked = Optional.ofNullable(name);
    if (asked.isPresent() && !isBoundToBuild()) {
      return Optional.of(handle(clusters.find(asked, Optional.empty(), from)));
    }
    Stream<ClusterId> candidates =
        asked.isPresent()
            ? clusters.findIfAny(asked, Optional.empty(), from).stream()
            : isBoundToBuild() ? Stream.empty() : Clusters.nearest(from).stream();
    return candidates
        .map(this::handle)
        .filter(cluster -> cluster.connection().flatMap(Connection::rest).isPresent())
        .findFirst();
  }

  private SlurmCluster handle(ClusterId id) {
    return SlurmCluster.builder().existing(id).programs(programs()).progress(progress()).build();
  }

  private String ofShortLived() {
    ClusterRequest request =
        ClusterRequest.builder()
            .name(SHORT_LIVED)
            .outputDirectory(buildDirectory.toPath().resolve(SHORT_LIVED))
            .baseDirectory(buildDirectory.toPath())
            .ownedByThisBuild(true)
            .engine(engine)
            .slurmVersion(slurmVersion)
            .rest(true)
            .restPort(0)
            .ssh(ssh -> ssh.port(0))
            .force(true)
            .programs(programs())
            .progress(progress())
            .build();
    SlurmCluster cluster = request.cluster();
    buildEnd().start(request.directory(), request::start, cluster::destroy);
    try {
      return cluster.openApi(Optional.ofNullable(apiVersion));
    } finally {
      buildEnd().destroy(request.directory(), cluster::destroy);
    }
  }
}
