/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks in a few milliseconds whether an unpacked bundle is unchanged. The manifest is a file with
 * the kind, size, permissions and time of each other file. It is written last, so a bundle with a
 * manifest is complete.
 */
final class BundleManifest {

  private static final String NAME = ".manifest";

  private BundleManifest() {}

  /** Writes the manifest of a directory's files. */
  static void write(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      StringBuilder manifest = new StringBuilder();
      for (Path file : files.filter(path -> !path.equals(root)).sorted().toList()) {
        String name = root.relativize(file).toString();
        manifest.append(line(root, name)).append('\n');
      }
      Files.writeString(root.resolve(NAME), manifest);
    }
  }

  /** Whether all files of a directory match its manifest. */
  static boolean isIntact(Path root) {
    try {
      List<String> lines = Files.readAllLines(root.resolve(NAME), StandardCharsets.UTF_8);
      for (String line : lines) {
        if (!line.equals(line(root, line.substring(line.lastIndexOf('\t') + 1)))) {
          return false;
        }
      }
      return !lines.isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  private static String line(Path root, String name) throws IOException {
    PosixFileAttributes file =
        Files.readAttributes(
            root.resolve(name), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    String permissions = PosixFilePermissions.toString(file.permissions());
    // The size and time of a directory depend on the file system. String.format would take most of
    // the time here, because each start compares hundreds of lines.
    return file.isDirectory()
        ? "directory\t" + permissions + '\t' + name
        : (file.isRegularFile() ? "file\t" : "link\t")
            + permissions
            + '\t'
            + file.size()
            + '\t'
            + file.lastModifiedTime().toMillis()
            + '\t'
            + name;
  }
}
