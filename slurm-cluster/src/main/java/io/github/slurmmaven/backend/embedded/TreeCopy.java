/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Copies files with their modes, following links. Several copies to the same place may run at once,
 * because nodes share this machine's files: each file is complete at any time.
 */
final class TreeCopy {

  private TreeCopy() {}

  /** Copies a file or directory. Existing files are overwritten, and parents are created. */
  static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    List<Path> files;
    try (Stream<Path> tree = Files.walk(source, FileVisitOption.FOLLOW_LINKS)) {
      files = tree.toList();
    }
    for (Path file : files) {
      Path copy = target.resolve(source.relativize(file).toString()).normalize();
      if (Files.isDirectory(file)) {
        Files.createDirectories(copy);
        Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(file));
      } else {
        replace(file, copy);
      }
    }
  }

  private static void replace(Path file, Path copy) throws IOException {
    Path draft =
        Files.createTempFile(Objects.requireNonNull(copy.getParent()), ".slurm-copy", null);
    try {
      Files.copy(
          file, draft, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(draft, copy, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
