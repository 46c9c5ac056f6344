/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file or directory of the host that is copied into nodes before their daemons start.
 *
 * @param source absolute path of the host
 * @param target absolute path on the nodes
 * @param on {@code all}, a role or a node's name
 */
public record FileCopy(String source, String target, String on) {

  /** Returns the copy of a directory whose files are beside slurm.conf. */
  static FileCopy ofSite(String directory) {
    return new FileCopy(directory, NodePaths.CONFIGURATION, SetupStep.ALL);
  }

  /** Whether it copies a directory whose files are beside slurm.conf. */
  boolean isOfSite() {
    return configurationFile().equals(Optional.of(""));
  }

  /** Whether the file is for a node. */
  public boolean appliesTo(NodeDefinition node) {
    return new SetupStep("", on).appliesTo(node);
  }

  /**
   * Returns the target relative to {@link NodePaths#CONFIGURATION}, which is a directory of the
   * cluster's files. It is the empty text when the target is that directory, and empty when the
   * target is elsewhere.
   */
  public Optional<String> configurationFile() {
    return NodePaths.below(NodePaths.CONFIGURATION, target);
  }

  /**
   * Returns the files that Slurm's daemons need when they start, by paths relative to {@link
   * NodePaths#CONFIGURATION}. The map is empty when the target is elsewhere.
   *
   * @throws UserMistakeException when they cannot be listed
   */
  public Map<String, Path> configurationFiles() {
    Map<String, Path> files = new TreeMap<>();
    Optional<String> top = configurationFile();
    if (top.isEmpty()) {
      return files;
    }
    Path root = Path.of(source);
    try (Stream<Path> tree = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        String below = root.relativize(file).toString();
        files.put(
            Stream.of(top.get(), below)
                .filter(part -> !part.isEmpty())
                .reduce((directory, name) -> directory + "/" + name)
                .orElseThrow(),
            file);
      }
      return files;
    } catch (UncheckedIOException e) {
      throw unreadable(Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Returns which of its files would replace a rendered one, and what to do instead. */
  Optional<String> conflict() {
    return configurationFiles().keySet().stream()
        .flatMap(name -> NodePaths.conflict(name).stream())
        .findFirst();
  }

  private UserMistakeException unreadable(IOException e) {
    return new UserMistakeException(
        "The files of %s cannot be copied to %s: %s. Make them readable, or leave them out"
            .formatted(source, NodePaths.CONFIGURATION, FileFailure.of(e)),
        e);
  }
}
