/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A symbolic link to a cluster's directory, for one whose own path Slurm cannot use: the addresses
 * of Unix sockets end at 107 bytes (unix(7)), and slurm.conf has no quotes for what is special in
 * it.
 */
final class SymbolicLink {

  private static final int LONGEST_SOCKET = 107;

  /** What slurmd puts below the directory beside the node's name: the job's and the step's ids. */
  private static final int REST_OF_SOCKET = "/spool//_67108863.4294967292".length();

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._+-]+");

  /** What sbatch(1) expands in the path of a job's output, which begins in the cluster's home. */
  private static final Pattern UNUSABLE = Pattern.compile("[%\\\\\n]");

  private static final int ATTEMPTS = 20;

  private SymbolicLink() {}

  /** Where a shortcut may be: what a session's end clears away is second best. */
  static List<Path> places(Map<String, String> variables) {
    List<Path> places = new ArrayList<>(List.of(Path.of("/tmp")));
    Optional.ofNullable(variables.get("XDG_RUNTIME_DIR")).map(Path::of).ifPresent(places::add);
    return places;
  }

  /**
   * The shortcut that a cluster needs.
   *
   * @param previous the one it had
   * @param places directories where it may be, the best first
   * @return empty when it needs none
   */
  static Optional<Path> choose(
      ClusterId id, ClusterDefinition definition, Optional<Path> previous, List<Path> places) {
    Path directory = id.directory();
    if (UNUSABLE.matcher(directory.toString()).find()) {
      throw new UserMistakeException(
          "outputDirectory: the path %s has a character that Slurm takes for part of a pattern in the names of jobs' files: use another directory"
              .formatted(directory));
    }
    if (isUsable(directory, definition)) {
      return Optional.empty();
    }
    if (previous
        .filter(path -> isUsable(path, definition) && isFree(path, directory))
        .isPresent()) {
      return previous;
    }
    for (Path place : places) {
      if (Files.isDirectory(place) && Files.isWritable(place)) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
          Path path = place.resolve("slurm-" + id.project() + (attempt == 0 ? "" : "-" + attempt));
          if (isUsable(path, definition) && isFree(path, directory)) {
            return Optional.of(path);
          }
        }
      }
    }
    throw new UserMistakeException(
        "outputDirectory: the path %s is too long for Slurm's sockets, or has characters that its"
                .formatted(directory)
            + " files cannot hold, and none of %s can hold a link to it: use a shorter path of letters and digits"
                .formatted(places));
  }

  private static boolean isUsable(Path root, ClusterDefinition definition) {
    int name = definition.nodes().stream().mapToInt(node -> node.name().length()).max().orElse(0);
    return PLAIN.matcher(root.toString()).matches()
        && root.toString().getBytes(StandardCharsets.UTF_8).length + 2 * name + REST_OF_SOCKET
            <= LONGEST_SOCKET;
  }

  /** Whether nothing is there, or our own link to the directory. */
  private static boolean isFree(Path path, Path directory) {
    return !Files.exists(path, LinkOption.NOFOLLOW_LINKS) || isOurs(path, directory);
  }

  /** Somebody else's link could point anywhere a moment later. */
  private static boolean isOurs(Path path, Path directory) {
    try {
      return Files.isSymbolicLink(path)
          && Files.readSymbolicLink(path).equals(directory)
          && (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS)
              == ThisUser.current().id();
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes the link where it is missing. */
  static void make(Path path, Path directory) {
    try {
      if (!isOurs(path, directory)) {
        Files.createSymbolicLink(path, directory);
      }
    } catch (IOException e) {
      throw new UserMistakeException(
          "%s cannot be made a link to %s: run slurm:create again (%s)"
              .formatted(path, directory, e),
          e);
    }
  }

  static void remove(Path path, Path directory) {
    try {
      if (isOurs(path, directory)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UserMistakeException(path + " cannot be removed: " + e, e);
    }
  }
}
