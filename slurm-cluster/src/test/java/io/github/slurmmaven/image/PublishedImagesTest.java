/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.cluster.RecordingProgress;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.FakeContainerEngine;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.engine.ImageBuild;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An image that is published")
class PublishedImagesTest {

  private static final String PLACE = "registry.example.org/slurm-cluster";
  private static final String DIGEST = "sha256:" + "0a".repeat(32);
  private static final String OTHER_DIGEST = "sha256:" + "0b".repeat(32);

  private final FakeContainerEngine engine = new FakeContainerEngine();
  private final RecordingProgress progress = new RecordingProgress();
  private final Map<String, String> digests = new HashMap<>();
  private Optional<String> published = Optional.of(PLACE);

  private static ClusterDefinition plain() {
    return new TestParameters().toDefinition();
  }

  private static ClusterDefinition accounting() {
    return new TestParameters().with("accounting", true).toDefinition();
  }

  private static String reference(ClusterDefinition cluster) {
    return new ClusterImages(Map.of()).reference(cluster, "amd64");
  }

  private static String tag(ClusterDefinition cluster) {
    return reference(cluster).substring("slurm-cluster:".length());
  }

  private void ensure(ClusterDefinition cluster, String... asked) {
    new ClusterImages(Map.of(), new PublishedImages(published, digests))
        .ensure(
            engine,
            reference(cluster),
            List.of(asked).stream().findFirst(),
            () -> cluster,
            progress);
  }

  private List<String> built() {
    return engine.builds().stream()
        .map(ImageBuild::tag)
        .filter(tag -> tag.startsWith("slurm-cluster:"))
        .toList();
  }

  private List<String> pulled() {
    return engine.calls().stream()
        .filter(call -> call.operation() == Operation.PULL_IMAGE)
        .map(FakeContainerEngine.Call::subject)
        .toList();
  }

  private void pullFails(Kind kind, String words) {
    engine.failNext(
        Operation.PULL_IMAGE, PLACE + "@" + DIGEST, new EngineException(kind, words, null));
  }

  @Test
  void isPulledByItsDigestAndHasTheNameOfOneThatIsBuilt() {
    digests.put(tag(plain()), DIGEST);
    engine.withPullableImage(PLACE + "@" + DIGEST);

    ensure(plain());
    ensure(plain());

    assertThat(pulled()).containsExactly(PLACE + "@" + DIGEST);
    assertThat(engine.findImage(reference(plain())))
        .isPresent()
        .isEqualTo(engine.findImage(PLACE + "@" + DIGEST));
    assertThat(built()).isEmpty();
    assertThat(progress.steps())
        .first()
        .isEqualTo("Pulling image %s from %s@%s".formatted(reference(plain()), PLACE, DIGEST));
    assertThat(progress.warnings()).isEmpty();
  }

  @Test
  void comesFromTheRepositoryThatWasAskedFor() {
    digests.put(tag(plain()), DIGEST);
    engine.withPullableImage("localhost:5000/mirror@" + DIGEST);

    ensure(plain(), "localhost:5000/mirror");

    assertThat(pulled()).containsExactly("localhost:5000/mirror@" + DIGEST);
    assertThat(engine.findImage(reference(plain()))).isPresent();
  }

  @Test
  void isBuiltWithoutAWordWhenNoneIsPublished() {
    published = Optional.empty();

    ensure(plain());

    assertThat(pulled()).isEmpty();
    assertThat(built()).containsExactly(reference(plain()));
    assertThat(progress.steps()).noneMatch(step -> step.contains("imageRepository"));
  }

  @Test
  void isBuiltWhenNoRepositoryIsWanted() {
    digests.put(tag(plain()), DIGEST);

    ensure(plain(), "none");

    assertThat(pulled()).isEmpty();
    assertThat(built()).containsExactly(reference(plain()));
  }

  @Test
  void isBuiltWhenItsContentIsNotThePublishedOne() {
    digests.put("24.11-0123456789ab", DIGEST);

    ensure(plain());

    assertThat(pulled()).isEmpty();
    assertThat(built()).containsExactly(reference(plain()));
    assertThat(progress.steps())
        .first()
        .isEqualTo(
            "Image %s is built here: this version of the plugin knows no published image of that content (imageRepository: %s)"
                .formatted(reference(plain()), PLACE));
  }

  @Test
  void isBuiltWhenItsRegistryIsAwayAndTheReasonIsReported() {
    digests.put(tag(plain()), DIGEST);
    pullFails(Kind.OTHER, "cannot pull image x: connection refused");

    ensure(plain());

    assertThat(built()).containsExactly(reference(plain()));
    assertThat(progress.warnings())
        .containsExactly(
            "Image %s is built here, because it cannot be pulled (imageRepository: %s): cannot pull image x: connection refused"
                .formatted(reference(plain()), PLACE));
  }

  @Test
  void ofARegistryThatIsAwayIsAskedForOnce() {
    digests.put(tag(accounting()), DIGEST);
    digests.put(tag(plain()), OTHER_DIGEST);
    pullFails(Kind.OTHER, "cannot pull image x: connection refused");

    ensure(accounting());

    assertThat(pulled()).containsExactly(PLACE + "@" + DIGEST);
    assertThat(built()).containsExactly(reference(plain()), reference(accounting()));
    assertThat(progress.warnings()).hasSize(1);
  }

  @Test
  void isTheBaseOfOneThatTheRegistryDoesNotHave() {
    digests.put(tag(accounting()), DIGEST);
    digests.put(tag(plain()), OTHER_DIGEST);
    engine.withPullableImage(PLACE + "@" + OTHER_DIGEST);

    ensure(accounting());

    assertThat(pulled()).containsExactly(PLACE + "@" + DIGEST, PLACE + "@" + OTHER_DIGEST);
    assertThat(built()).containsExactly(reference(accounting()));
  }

  @Test
  void isRefusedAndNotBuiltWhenTheRegistrySendsSomethingElse() {
    digests.put(tag(plain()), DIGEST);
    pullFails(Kind.OTHER_DIGEST, "cannot pull image x: manifest verification failed for digest");

    assertThatThrownBy(() -> ensure(plain()))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageStartingWith(
            "Image %s was refused: %s sent a different image than the one that was published as %s."
                .formatted(reference(plain()), PLACE, DIGEST))
        .hasMessageContaining("-Dslurm.imageRepository=none")
        .hasMessageEndingWith("manifest verification failed for digest");
    assertThat(built()).isEmpty();
    assertThat(engine.findImage(reference(plain()))).isEmpty();
  }

  @Test
  void isNotBuiltWhenTheEngineIsAway() {
    digests.put(tag(plain()), DIGEST);
    pullFails(Kind.UNREACHABLE, "cannot pull image x: the engine does not answer any more");

    assertThatThrownBy(() -> ensure(plain())).hasMessageContaining("does not answer any more");
    assertThat(built()).isEmpty();
  }

  @Test
  void isReadFromTheFileThatTheScriptWrites() {
    PublishedImages images =
        PublishedImages.parse(
            "# comment\nrepository=%s\n24.11-0123456789ab=%s\n".formatted(PLACE, DIGEST));

    assertThat(images.repository(Optional.empty())).hasValue(PLACE);
    assertThat(images.digest("slurm-cluster:24.11-0123456789ab")).hasValue(DIGEST);
    assertThat(images.digest("slurm-cluster:repository")).isEmpty();
    assertThat(images.digest("other:24.11-0123456789ab")).isEmpty();
  }

  @Test
  @DisplayName("has a repository and a whole digest in the plugin's own file")
  void hasAWholeDigestInThisVersion() {
    PublishedImages images = PublishedImages.ofThisVersion();

    assertThat(images.digests().values()).allMatch(digest -> digest.matches("sha256:[0-9a-f]{64}"));
    assertThat(images.repository(Optional.empty()).isPresent())
        .isEqualTo(!images.digests().isEmpty());
  }
}
