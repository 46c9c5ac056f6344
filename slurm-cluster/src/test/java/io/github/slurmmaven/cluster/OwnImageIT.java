/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.image.ClusterImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("docker")
@DisplayName("An image of one's own")
@Timeout(240)
class OwnImageIT extends RealClusters {

  private static final Pattern RECIPE = Pattern.compile("(?s)```dockerfile\n(.*?)```");
  private static final String IMAGE = "slurm-maven-plugin-test/own-image:1";

  OwnImageIT() {
    super(TestBackend.DOCKER);
  }

  @AfterAll
  static void removeImage() {
    try (DockerEngine engine = DockerEngine.connect(Environment.system())) {
      engine.removeImage(IMAGE);
    }
  }

  /** Builds the recipe of the docs on the plugin's own image. */
  private static void buildRecipe() throws IOException {
    Matcher recipe = RECIPE.matcher(Files.readString(Path.of("../docs/slurm.md")));
    assertThat(recipe.find()).isTrue();
    ClusterDefinition cluster = new TestParameters().toDefinition();
    ClusterImages images = new ClusterImages(Environment.system().variables());
    try (DockerEngine engine = DockerEngine.connect(Environment.system())) {
      String base = images.reference(cluster, engine.info().architecture());
      images.ensure(engine, base, Optional.empty(), () -> cluster, Progress.SILENT);
      engine.buildImage(
          new ImageBuild(
              IMAGE,
              Map.of("Dockerfile", recipe.group(1).getBytes(StandardCharsets.UTF_8)),
              "Dockerfile",
              "site",
              Map.of("BASE", base),
              Map.of()),
          line -> {});
    }
  }

  @Test
  void builtByTheRecipeOfTheDocsRunsJobs() throws IOException {
    buildRecipe();
    ClusterRequest request =
        own(
            builder("own-image")
                .image(IMAGE)
                .preset("multi-node")
                .slurmVersion(SlurmVersion.DEFAULT.release()));

    request.start();

    try (SlurmShell shell = shell(request.cluster())) {
      assertThat(lines(shell.ok("srun -N2 make --version | grep -c GNU.Make")))
          .containsExactly("2");
      assertThat(shell.ok("cat /usr/local/share/slurm/version"))
          .isEqualTo(shell.ok("sinfo --version | sed 's/.* //'"));
    }
  }

  @Test
  void withoutThePbsCommandsThatTheClusterWantsIsNamed() throws IOException {
    buildRecipe();
    ClusterRequest request =
        own(
            builder("own-image-pbs")
                .image(IMAGE)
                .pbsCommands(true)
                .slurmVersion(SlurmVersion.DEFAULT.release()));

    assertThatThrownBy(request::start)
        .hasMessageContaining(
            "the PBS commands are missing: there is no qsub in the image. Install"
                + " slurm-wlm-torque");
  }
}
