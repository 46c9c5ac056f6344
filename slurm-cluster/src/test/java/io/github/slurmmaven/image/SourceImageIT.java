/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compiles the releases that scripts/test-source.sh names, before other tests start clusters of
 * them within a time limit.
 */
@Tag("docker")
@DisplayName("An image whose Slurm is compiled from source")
@EnabledIfSystemProperty(named = Releases.NAMED, matches = ".+")
class SourceImageIT {

  @ParameterizedTest
  @MethodSource("io.github.slurmmaven.definition.Releases#all")
  void isBuiltAndLeavesNoCompilerOnTheEngine(SlurmVersion version) {
    ClusterDefinition cluster =
        new TestParameters().with("slurmVersion", version.release()).toDefinition();
    ClusterImages images = new ClusterImages(Environment.system().variables());
    try (DockerEngine engine = DockerEngine.connect(Environment.system())) {
      String reference = images.reference(cluster, engine.info().architecture());

      images.ensure(engine, reference, Optional.empty(), () -> cluster, Printed.INSTANCE);

      assertThat(engine.findImage(reference)).isPresent();
      assertThat(engine.listImages("slurm-cluster-compile")).isEmpty();
    }
  }

  /** What a person would see of a build that takes minutes. */
  private enum Printed implements Progress {
    INSTANCE;

    @Override
    public void step(String message) {
      System.out.println(message);
    }

    @Override
    public void warn(String message) {
      System.out.println(message);
    }

    @Override
    public void detail(String message) {}
  }
}
