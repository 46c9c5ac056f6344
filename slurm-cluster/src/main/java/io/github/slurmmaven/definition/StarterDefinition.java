/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** A definition to start from: a preset, with the other keys as comments. */
public final class StarterDefinition {

  private static final String HEADER =
      """
      # A Slurm cluster for slurm-maven-plugin: <definition>%s</definition>.
      # cpus, memory (MB) and gpus are what Slurm counts with; nodes may be host lists: compute-[0-3].
      """;

  private StarterDefinition() {}

  /**
   * Writes the definition.
   *
   * @throws InvalidParameterException when there is no such preset
   * @throws UserMistakeException when the file already exists, or cannot be written
   */
  public static void write(String preset, Path file) {
    String text = text(preset, file);
    try {
      Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
      Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw new UserMistakeException(
          "definition: %s already exists, and is not overwritten: name another file with -Dslurm.definition"
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new UserMistakeException(
          "definition: %s cannot be written: %s".formatted(file, FileFailure.of(e)), e);
    }
  }

  private static String text(String preset, Path file) {
    return HEADER.formatted(file.getFileName())
        + Presets.text(preset)
        + Resources.text(StarterDefinition.class, "starter-options.yaml");
  }
}
