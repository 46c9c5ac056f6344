/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Reads and writes single files below a cluster's directory. A file is written under another name
 * and then moved, so a killed process never leaves part of a file.
 *
 * @param root the cluster's directory
 */
record FileStore(Path root) {

  Path path(String name) {
    return root.resolve(name);
  }

  boolean exists(String name) {
    return Files.exists(path(name));
  }

  /** Whether a file is missing or empty, as after a process was killed. */
  boolean isGone(String name) {
    try {
      return Files.size(root.resolve(name)) == 0;
    } catch (IOException e) {
      return true;
    }
  }

  /** Returns the text of a file, if it exists. */
  Optional<String> read(String name) {
    Path file = root.resolve(name);
    try {
      return Files.exists(file)
          ? Optional.of(Files.readString(file, StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IOException e) {
      throw new UserMistakeException(file + " cannot be read: " + FileFailure.of(e), e);
    }
  }

  /** Returns the content of a file, if it exists. */
  Optional<FileContent> content(String name) {
    Path file = root.resolve(name);
    try {
      return Files.exists(file)
          ? Optional.of(FileContent.of(Files.readAllBytes(file), Files.isExecutable(file)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UserMistakeException(file + " cannot be read: " + FileFailure.of(e), e);
    }
  }

  /** Removes a file, if it exists. */
  void delete(String name) throws IOException {
    Files.deleteIfExists(root.resolve(name));
  }

  void write(String name, String content) throws IOException {
    write(name, content.getBytes(StandardCharsets.UTF_8), false);
  }

  /** Writes a file. Only its owner can read a secret. */
  void write(String name, byte[] content, boolean secret) throws IOException {
    write(name, FileContent.of(content, false), secret);
  }

  /** Writes a file that all users may read, and execute if it is a program. */
  void write(String name, FileContent content) throws IOException {
    write(name, content, false);
  }

  void write(String name, FileContent content, boolean secret) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Path draft =
        Files.createTempFile(
            file.getParent(),
            ".draft",
            null,
            PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
    Files.write(draft, content.bytes());
    if (!secret && content.isProgram()) {
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Creates a directory that only its owner may enter. */
  static void createPrivateDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  UserMistakeException unwritable(IOException e) {
    return new UserMistakeException(
        "outputDirectory: the cluster's files cannot be written to "
            + root
            + ": "
            + FileFailure.of(e),
        e);
  }
}
