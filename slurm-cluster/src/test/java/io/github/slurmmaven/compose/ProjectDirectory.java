/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A project directory made by a test. */
final class ProjectDirectory {

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();

  ProjectDirectory(Path parent) {
    this(parent, "demo");
  }

  ProjectDirectory(Path parent, String name) {
    directory = parent.resolve(name);
  }

  ProjectDirectory compose(String yaml) {
    return file("docker-compose.yml", yaml);
  }

  /** One service {@code a}, given what is below its key, each line as it is. */
  ProjectDirectory service(String... lines) {
    return compose("services:\n  a:\n    image: i\n    " + String.join("\n    ", lines) + "\n");
  }

  ProjectDirectory override(String yaml) {
    return file("docker-compose.override.yml", yaml);
  }

  ProjectDirectory env(String text) {
    return file(".env", text);
  }

  ProjectDirectory file(String name, String text) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  ProjectDirectory variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Path path() {
    return directory;
  }

  ComposeProject read() {
    return ComposeProject.read(directory, environment);
  }

  ComposeService readService(String name) {
    return Objects.requireNonNull(read().services().get(name), name);
  }

  /** The message of the mistake that reading must end in. */
  String mistake() {
    UserMistakeException mistake = catchThrowableOfType(UserMistakeException.class, this::read);
    return mistake == null ? "(no mistake)" : Objects.toString(mistake.getMessage());
  }
}
