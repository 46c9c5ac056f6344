/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.FakeContainerEngine;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.engine.ImageBuild;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An image that is built here")
class ClusterImagesTest {

  private final FakeContainerEngine engine = new FakeContainerEngine();
  private final ClusterImages images = new ClusterImages(Map.of());
  private final String reference = images.reference(SlurmVersion.V24_11, Optional.empty(), "amd64");

  private void ensure() {
    images.ensure(engine, reference, Optional::empty, Progress.SILENT);
  }

  @Test
  void isBuiltOnce() {
    ensure();
    ensure();

    assertThat(engine.builds()).extracting(ImageBuild::tag).containsOnlyOnce(reference);
  }

  @Test
  @DisplayName("has named stages, in the place of those of other content")
  void namesItsStages() {
    engine.withImage("slurm-cluster-base:24.11-0123456789ab");
    engine.withImage("slurm-cluster-base:22.05-0123456789ab");

    ensure();

    assertThat(engine.listImages("slurm-cluster-base"))
        .containsExactlyInAnyOrder(
            "slurm-cluster-base:22.05-0123456789ab",
            reference.replace("slurm-cluster:", "slurm-cluster-base:"));
  }

  @Test
  @DisplayName("is there, also when its stages cannot be named")
  void doesNotNeedTheNamesOfItsStages() {
    engine.failNext(
        Operation.BUILD_IMAGE,
        reference.replace("slurm-cluster:", "slurm-cluster-base:"),
        new EngineException(Kind.OTHER, "no", null));

    ensure();

    assertThat(engine.findImage(reference)).isPresent();
  }
}
