/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.RecordingProgress;
import io.github.slurmmaven.common.DirectoryLock;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.FakeContainerEngine;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.engine.ImageBuild;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("An image that is built here")
class ClusterImagesTest {

  private final FakeContainerEngine engine = new FakeContainerEngine();
  private final ClusterImages images = new ClusterImages(Map.of());
  private final String reference = reference();

  private String reference(String... packages) {
    return images.reference(cluster(packages), "amd64");
  }

  private static ClusterDefinition cluster(String... packages) {
    return new TestParameters().with("packages", List.of(packages)).toDefinition();
  }

  private void ensure() {
    ensure(reference);
  }

  private void ensure(String image, String... packages) {
    images.ensure(engine, image, Optional.empty(), () -> cluster(packages), Progress.SILENT);
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

  @Test
  void isNamedByItsPackagesInAnyOrder() {
    assertThat(reference("gcc", "make"))
        .isEqualTo(reference("make", "gcc"))
        .startsWith(reference + "-packages-")
        .isNotEqualTo(reference("gcc"));
  }

  @Test
  void withPackagesIsBuiltOnceOnTopOfTheOneWithout() {
    String image = reference("make", "gcc");

    ensure(image, "make", "gcc");
    ensure(image, "make", "gcc");

    assertThat(engine.builds())
        .filteredOn(build -> build.tag().startsWith(reference))
        .satisfiesExactly(
            base -> assertThat(base.tag()).isEqualTo(reference),
            packages -> {
              assertThat(packages.tag()).isEqualTo(image);
              assertThat(packages.buildArgs())
                  .isEqualTo(Map.of("IMAGE", reference, "PACKAGES", "gcc make"));
            });
  }

  @Test
  void waitsForAnotherBuildOfTheSameImageInsteadOfRepeatingIt(@TempDir Path cache)
      throws Exception {
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", cache.toString());
    Path locks = Files.createDirectories(cache.resolve("slurm-maven-plugin/images"));
    RecordingProgress progress = new RecordingProgress();
    Thread build =
        new Thread(
            () ->
                new ClusterImages(environment)
                    .ensure(
                        engine, reference, Optional.empty(), ClusterImagesTest::cluster, progress));

    try (DirectoryLock lock = DirectoryLock.of(locks)) {
      build.start();
      while (build.getState() != Thread.State.WAITING && build.isAlive()) {
        Thread.sleep(5);
      }
      engine.withImage(reference);
    }
    build.join();

    assertThat(engine.builds()).isEmpty();
    assertThat(progress.steps())
        .containsExactly("Waiting for another build of an image, before that of " + reference);
  }

  @Test
  void doesNotGetOtherPackagesThanTheClusterWasCreatedWith() {
    String image = reference("gcc");

    assertThatThrownBy(() -> ensure(image, "make"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(image)
        .hasMessageContaining("packages has changed")
        .hasMessageContaining("slurm:create");
  }

  @Test
  void namesThePackagesThatDoNotExist() {
    String image = reference("gcc", "nope", "never");
    engine.withBuildOutput(
        image,
        "E: Unable to locate package nope",
        "slurm-packages: unknown never",
        "slurm-packages: unknown nope");
    engine.failNext(
        Operation.BUILD_IMAGE, image, new EngineException(Kind.BUILD_FAILED, "no", null));

    assertThatThrownBy(() -> ensure(image, "gcc", "nope", "never"))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith(
            "packages: 'never, nope' cannot be installed in image " + reference);
  }

  @Test
  void saysWhatTheEngineSaysOfAnyOtherFailure() {
    String image = reference("gcc");
    EngineException failure = new EngineException(Kind.BUILD_FAILED, "no network", null);
    engine.failNext(Operation.BUILD_IMAGE, image, failure);

    assertThatThrownBy(() -> ensure(image, "gcc")).isSameAs(failure);
  }

  @Test
  void namesTheExactSlurmThatItHas() {
    engine.withBuildOutput(reference, "slurm-version: 24.11.5");
    RecordingProgress progress = new RecordingProgress();

    images.ensure(engine, reference, Optional.empty(), ClusterImagesTest::cluster, progress);

    assertThat(progress.steps()).last().asString().endsWith(", with Slurm 24.11.5");
  }

  @Test
  void isNotOfAnotherReleaseThanWasAskedFor() {
    engine.withBuildOutput(reference, "slurm-version: 25.05.1");
    engine.failNext(
        Operation.BUILD_IMAGE, reference, new EngineException(Kind.BUILD_FAILED, "no", null));

    assertThatThrownBy(this::ensure)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("it is for Slurm 24.11, but debian:trixie-slim now has Slurm 25.05.1")
        .hasMessageContaining("Set slurmVersion to a release that can be run (22.05 or");
    assertThat(engine.findImage(reference)).isEmpty();
  }
}
