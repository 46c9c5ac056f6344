/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file or directory of the host that is in nodes before any of their daemons starts.
 *
 * @param source absolute path of the host
 * @param target absolute path on the nodes
 * @param on {@code all}, a role or a node's name
 */
public record FileCopy(String source, String target, String on) {

  /** Whether the file is for a node. */
  public boolean appliesTo(NodeDefinition node) {
    return new SetupStep("", on).appliesTo(node);
  }

  /**
   * The target relative to {@link NodePaths#CONFIGURATION}, which is a directory of the cluster's
   * files; empty when the target is elsewhere.
   */
  public Optional<String> configurationFile() {
    return NodePaths.below(NodePaths.CONFIGURATION, target);
  }

  /**
   * The texts that Slurm's daemons need when they start, by paths relative to {@link
   * NodePaths#CONFIGURATION}; empty when the target is elsewhere.
   *
   * @throws UserMistakeException when one cannot be read or is not text
   */
  public Map<String, String> configurationFiles() {
    Map<String, String> texts = new TreeMap<>();
    Optional<String> top = configurationFile();
    if (top.isEmpty()) {
      return texts;
    }
    Path root = Path.of(source);
    try (Stream<Path> tree = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        String below = root.relativize(file).toString();
        texts.put(top.get() + (below.isEmpty() ? "" : "/" + below), Files.readString(file));
      }
      return texts;
    } catch (CharacterCodingException e) {
      throw new UserMistakeException(
          "files: %s is not UTF-8 text, as files below %s are: copy it elsewhere"
              .formatted(source, NodePaths.CONFIGURATION),
          e);
    } catch (IOException | UncheckedIOException e) {
      throw new UserMistakeException("files: " + source + " cannot be read: " + e, e);
    }
  }
}
