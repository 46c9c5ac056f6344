/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.engine.FakeContainerEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageLoaderTest {

  private static final String REGISTRY = "localhost:5001";

  private final FakeContainerEngine engine = new FakeContainerEngine();
  private final ImageLoader loader = new ImageLoader(engine, Progress.SILENT);
  private final Path directory;

  ImageLoaderTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private ImageSource archive(String content) throws IOException {
    Files.writeString(directory.resolve("images.tar"), content);
    return ImageSource.parse("images", "images.tar", directory);
  }

  @ParameterizedTest
  @CsvSource({
    "app, app:latest",
    "app:1, app:1",
    "team/app:1, team/app:1",
    "registry.example/team/app:1, team/app:1",
    "localhost/app:1, app:1",
    "localhost:5000/team/app, team/app:latest"
  })
  void isPushedUnderTheNameThatItHasWithoutItsRegistry(String image, String name) {
    engine.withImage(image);

    assertThat(loader.push(ImageSource.parse("images", image, directory), REGISTRY))
        .isEqualTo("registry:5000/" + name);
    assertThat(engine.pushed()).containsExactly("localhost:5001/" + name);
  }

  @Test
  void imageThatIsNowhereIsTheUsersMistake() {
    assertThatThrownBy(() -> loader.push(new ImageSource.Local("app:1"), REGISTRY))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith(
            "Image 'app:1' is not on the engine and cannot be pulled: build it first, or correct"
                + " its name.");
  }

  @Test
  void archiveGivesTheImageItsName() throws IOException {
    assertThat(loader.push(archive("team/app:1"), REGISTRY)).isEqualTo("registry:5000/team/app:1");
  }

  @Test
  void archiveMustHoldOneImage() {
    assertThatThrownBy(() -> loader.push(archive("a:1\nb:2"), REGISTRY))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("images.tar holds a:1, b:2: it must hold one image that has a name");
    assertThatThrownBy(() -> loader.push(archive(""), REGISTRY))
        .hasMessageContaining("holds no image");
    assertThatThrownBy(() -> loader.push(archive("sha256:0123"), REGISTRY))
        .hasMessageContaining("must hold one image that has a name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone.tar", "gone.tar.gz", "gone.tgz"})
  void archiveMustBeThere(String name) {
    assertThatThrownBy(() -> ImageSource.parse("images", name, directory))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("images: '" + name + "' does not exist");
  }

  @Test
  void dockerfileMustBeAFileInItsContext() throws IOException {
    Files.createDirectories(directory.resolve("docker/inner"));
    Files.writeString(directory.resolve("docker/Dockerfile"), "FROM scratch\n");

    assertThat(built("docker/Dockerfile", Optional.empty()))
        .isEqualTo(
            new ImageSource.Built(
                "app:1",
                directory.resolve("docker/Dockerfile"),
                directory.resolve("docker"),
                Optional.empty(),
                Map.of()));
    assertThat(((ImageSource.Built) built("docker/Dockerfile", Optional.of("."))).context())
        .isEqualTo(directory);
    assertThatThrownBy(() -> built("docker", Optional.empty()))
        .hasMessageContaining("is not a file: name the Dockerfile itself");
    assertThatThrownBy(() -> built("docker/Dockerfile", Optional.of("docker/inner")))
        .hasMessageContaining("is not in the context");
  }

  private ImageSource built(String dockerfile, Optional<String> context) {
    return ImageSource.built(
        "images", "app:1", dockerfile, context, Optional.empty(), Map.of(), directory);
  }
}
