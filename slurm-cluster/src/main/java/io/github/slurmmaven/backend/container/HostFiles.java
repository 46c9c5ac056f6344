/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Packs files of this machine for a container, and unpacks files from a container. */
final class HostFiles {

  private static final int PERMISSIONS = 07777;
  private static final int EXECUTABLE = 0755;
  private static final int PLAIN = 0644;
  private static final int OWN_DIRECTORY = 0700;
  private static final int OWN_FILE = 0600;

  private HostFiles() {}

  /**
   * Packs a file or directory into a tar archive, to be unpacked at the root directory.
   *
   * @param target its absolute path in the container
   * @return a stream that deletes its temporary file when it is closed
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
      throw new UserMistakeException(source + " cannot be copied into the cluster: " + e, e);
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

  /**
   * Unpacks a file or directory from a container.
   *
   * @param archive its top entry becomes the target, under the target's name
   * @param target created with its parents; existing files are overwritten
   * @throws IOException also when an entry would be written outside of the target
   */
  static void unpack(InputStream archive, Path target) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(archive, "UTF-8");
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path file = inside(target, entry.getName());
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      if (entry.isDirectory()) {
        Files.createDirectories(file);
      } else if (entry.isSymbolicLink()) {
        Files.deleteIfExists(file);
        Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        continue;
      } else if (entry.isLink()) {
        Files.copy(inside(target, entry.getLinkName()), file, StandardCopyOption.REPLACE_EXISTING);
      } else if (entry.isFile()) {
        // Do not follow a link that an earlier entry may have created.
        Files.deleteIfExists(file);
        Files.copy(tar, file);
      } else {
        // Devices and pipes are left out.
        continue;
      }
      setMode(file, entry.getMode());
    }
  }

  private static Path inside(Path target, String name) throws IOException {
    int top = name.indexOf('/');
    Path file = top < 0 ? target : target.resolve(name.substring(top + 1)).normalize();
    if (!file.startsWith(target)) {
      throw new IOException("the archive has an entry outside of it: " + name);
    }
    for (Path parent = file.getParent();
        parent != null && !parent.equals(target.getParent());
        parent = parent.getParent()) {
      if (Files.isSymbolicLink(parent)) {
        throw new IOException("the archive has an entry behind a link: " + name);
      }
    }
    return file;
  }

  private static void setMode(Path file, int mode) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      // The owner must be able to read and to remove it.
      int own = Files.isDirectory(file) ? OWN_DIRECTORY : OWN_FILE;
      Files.setAttribute(file, "unix:mode", (mode & PERMISSIONS) | own);
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

  /** Returns the permission bits, or a default where the file system has none. */
  private static int mode(Path path) throws IOException {
    if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return (Integer) Files.getAttribute(path, "unix:mode") & PERMISSIONS;
    }
    return Files.isDirectory(path) || Files.isExecutable(path) ? EXECUTABLE : PLAIN;
  }
}
