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
 * A symbolic link to a cluster's directory, if Slurm cannot use the directory's own path: the
 * address of a Unix socket has at most 107 bytes (unix(7)), and slurm.conf cannot quote special
 * characters.
 */
final class SymbolicLink {

  private static final int LONGEST_SOCKET = 107;

  /**
   * The longest name that slurmd appends to the directory and the node's name: the ids of a job and
   * a step.
   */
  private static final int REST_OF_SOCKET = "/spool//_67108863.4294967292".length();

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._+-]+");

  /**
   * Characters that sbatch(1) would expand in the path of a job's output, which begins in the
   * cluster's home.
   */
  private static final Pattern UNUSABLE = Pattern.compile("[%\\\\\n]");

  private static final int ATTEMPTS = 20;

  private SymbolicLink() {}

  /**
   * Returns the directories for a link, best first. A directory that is emptied at the end of a
   * session comes last.
   */
  static List<Path> places(Map<String, String> variables) {
    List<Path> places = new ArrayList<>(List.of(Path.of("/tmp")));
    Optional.ofNullable(variables.get("XDG_RUNTIME_DIR")).map(Path::of).ifPresent(places::add);
    return places;
  }

  /**
   * Chooses the link of a cluster.
   *
   * @param previous the link that it had
   * @param places directories for the link, best first
   * @return empty when the cluster needs no link
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

  /** Whether the path is free, or is our own link to the directory. */
  private static boolean isFree(Path path, Path directory) {
    return !Files.exists(path, LinkOption.NOFOLLOW_LINKS) || isOurs(path, directory);
  }

  /** Whether this user owns the link. Another user could let a link point elsewhere at any time. */
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

  /** Creates the link if it is missing. */
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
