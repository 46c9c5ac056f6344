/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.yaml.YamlText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Reads and writes {@code cluster.yaml}, from which a cluster can be created. */
public final class ClusterYaml {

  private static final String HEADER =
      "# What this cluster is. The other files here are rendered from it.\n";

  private static final long MAX_BYTES = 1 << 20;

  private ClusterYaml() {}

  public static String write(ClusterDefinition definition) {
    return HEADER + YamlText.write(DocumentWriter.write(definition));
  }

  /** The text of a document, without comments. */
  public static String write(ClusterDocument document) {
    return YamlText.write(document);
  }

  /**
   * Reads a definition for a new cluster. Files that it copies and mounts must exist.
   *
   * @throws UserMistakeException naming file, line, column, path and value of what is wrong
   */
  public static ClusterDefinition read(Path file) {
    return read(file, true);
  }

  /**
   * Reads the definition of an existing cluster. Files that it copied and mounted may be gone.
   *
   * @throws UserMistakeException naming file, line, column, path and value of what is wrong
   */
  public static ClusterDefinition readCreated(Path file) {
    return read(file, false);
  }

  private static ClusterDefinition read(Path file, boolean requiresSources) {
    Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
    String text = text(file);
    Origin origin = Origin.yaml(file.toString(), text);
    return new DocumentReader(origin, directory, requiresSources)
        .read(ClusterDocument.parse(file.toString(), text));
  }

  /** The text of a definition. */
  static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserMistakeException(
            file + " is larger than 1 MiB; no definition of a cluster needs to be");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new UserMistakeException(file + " cannot be read: it is not UTF-8 text", e);
    } catch (IOException e) {
      throw new UserMistakeException(file + " cannot be read: " + FileFailure.of(e), e);
    }
  }
}
