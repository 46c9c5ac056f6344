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
@Timeout(600)
class OwnImageIT extends RealClusters {

  private static final Pattern RECIPE = Pattern.compile("(?s)```dockerfile\n(.*?)```");
  private static final String IMAGE = "slurm-maven-plugin-test/own-image:1";
  private static final String EARLIER_IMAGE = "slurm-maven-plugin-test/earlier-image:1";

  OwnImageIT() {
    super(TestBackend.DOCKER);
  }

  @AfterAll
  static void removeImages() {
    try (DockerEngine engine = DockerEngine.connect(Environment.system())) {
      engine.removeImage(IMAGE);
      engine.removeImage(EARLIER_IMAGE);
    }
  }

  /** Builds the recipe of the docs on the plugin's own image. */
  private static void buildRecipe() throws IOException {
    Matcher recipe = RECIPE.matcher(Files.readString(Path.of("../docs/slurm.md")));
    assertThat(recipe.find()).isTrue();
    build(IMAGE, recipe.group(1));
  }

  /**
   * Builds an image on the plugin's own.
   *
   * @param dockerfile gets the plugin's image as the argument BASE
   */
  private static void build(String image, String dockerfile) throws IOException {
    ClusterDefinition cluster = new TestParameters().toDefinition();
    ClusterImages images = new ClusterImages(Environment.system().variables());
    try (DockerEngine engine = DockerEngine.connect(Environment.system())) {
      String base = images.reference(cluster, engine.info().architecture());
      images.ensure(engine, base, Optional.empty(), () -> cluster, Progress.SILENT);
      engine.buildImage(
          new ImageBuild(
              image,
              Map.of("Dockerfile", dockerfile.getBytes(StandardCharsets.UTF_8)),
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

  @Test
  void ofAnEarlierPluginWithoutTheLibraryOfJobClockIsNamed() throws IOException {
    build(
        EARLIER_IMAGE,
        """
        ARG BASE
        FROM ${BASE} AS site
        RUN rm /usr/local/lib/libjobclock.so
        """);
    ClusterRequest request =
        own(
            builder("own-image-clock")
                .image(EARLIER_IMAGE)
                .jobClock(true)
                .slurmVersion(SlurmVersion.DEFAULT.release()));

    assertThatThrownBy(request::start)
        .hasMessageContaining(
            "/usr/local/lib/libjobclock.so is missing; use an image that is made from this plugin's,"
                + " or leave jobClock out");
  }
}
