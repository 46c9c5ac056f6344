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

/** Copies files with their modes, following links. */
final class TreeCopy {

  private TreeCopy() {}

  /** Copies a file or directory; what is there is overwritten, and parents are made. */
  static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    List<Path> files;
    try (Stream<Path> tree = Files.walk(source, FileVisitOption.FOLLOW_LINKS)) {
      files = tree.toList();
    }
    for (Path file : files) {
      Path copy = target.resolve(source.relativize(file).toString());
      if (Files.isDirectory(file) && Files.isDirectory(copy)) {
        continue;
      }
      Files.copy(
          file, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }
}
