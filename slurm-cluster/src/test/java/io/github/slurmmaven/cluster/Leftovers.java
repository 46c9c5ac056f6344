/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a cluster without containers could leave behind on this machine. */
final class Leftovers {

  private Leftovers() {}

  /** The processes that know of a cluster's directory: by a word, a variable or where they are. */
  static List<String> processesOf(Path directory) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> process.getFileName().toString().matches("\\d+"))
          .filter(process -> knows(process, directory.toString()))
          .map(process -> process.getFileName() + " " + text(process.resolve("cmdline")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean knows(Path process, String directory) {
    return text(process.resolve("cmdline")).contains(directory)
        || text(process.resolve("environ")).contains(directory)
        || target(process.resolve("cwd")).startsWith(directory);
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', ' ');
    } catch (IOException e) {
      // It has just ended, or is another user's.
      return "";
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /** The links in /tmp that lead to a cluster's directory. */
  static List<Path> shortcutsTo(Path directory) {
    try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
      return files.filter(file -> target(file).equals(directory.toString())).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails when a process or a file is left. */
  static void assertNoneOf(SlurmCluster cluster) {
    assertThat(processesOf(cluster.directory())).isEmpty();
    assertThat(shortcutsTo(cluster.directory())).isEmpty();
    assertThat(cluster.directory()).doesNotExist();
    assertThat(cluster.directory().resolveSibling("." + cluster.name() + ".removed"))
        .doesNotExist();
  }
}
