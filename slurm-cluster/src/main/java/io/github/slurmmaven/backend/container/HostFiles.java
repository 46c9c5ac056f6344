/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.report.UserMistakeException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Files of this machine on their way into a container. */
final class HostFiles {

  private static final int PERMISSIONS = 07777;
  private static final int EXECUTABLE = 0755;
  private static final int PLAIN = 0644;

  private HostFiles() {}

  /**
   * A tar archive with a file or directory, to be unpacked at the root directory.
   *
   * @param target absolute path that it gets there
   * @return deletes its temporary file when it is closed
   */
  static InputStream tar(Path source, String target) {
    try {
      Path archive = Files.createTempFile("slurm-copy", ".tar");
      try {
        write(source, target, archive);
        return Files.newInputStream(archive, StandardOpenOption.DELETE_ON_CLOSE);
      } catch (IOException | RuntimeException e) {
        Files.delete(archive);
        throw e;
      }
    } catch (IOException | UncheckedIOException e) {
      throw new UserMistakeException(
          "files: " + source + " cannot be copied into the cluster: " + e, e);
    }
  }

  private static void write(Path source, String target, Path archive) throws IOException {
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(archive));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(file, "UTF-8");
        Stream<Path> files = Files.walk(source, FileVisitOption.FOLLOW_LINKS)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      for (Path path : files.sorted().toList()) {
        add(tar, path, target.substring(1) + suffix(source, path));
      }
    }
  }

  private static String suffix(Path source, Path path) {
    String relative = source.relativize(path).toString().replace('\\', '/');
    return relative.isEmpty() ? "" : "/" + relative;
  }

  private static void add(TarArchiveOutputStream tar, Path path, String name) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path, name);
    entry.setIds(0, 0);
    entry.setNames("root", "root");
    entry.setMode(mode(path));
    tar.putArchiveEntry(entry);
    if (Files.isRegularFile(path)) {
      Files.copy(path, tar);
    }
    tar.closeArchiveEntry();
  }

  /** The permission bits, where this machine's file system has them. */
  private static int mode(Path path) throws IOException {
    if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return (Integer) Files.getAttribute(path, "unix:mode") & PERMISSIONS;
    }
    return Files.isDirectory(path) || Files.isExecutable(path) ? EXECUTABLE : PLAIN;
  }
}
