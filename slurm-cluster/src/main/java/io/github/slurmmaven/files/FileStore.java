/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Reads and writes single files below a cluster's directory. A file is written beside its place and
 * then moved there, so that a process that is killed leaves it whole.
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

  /** Whether a file is missing or empty, as a process that was killed leaves it. */
  boolean isGone(String name) {
    try {
      return Files.size(root.resolve(name)) == 0;
    } catch (IOException e) {
      return true;
    }
  }

  /** The text of a file, if it is there. */
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

  void write(String name, String content) throws IOException {
    write(name, content.getBytes(StandardCharsets.UTF_8), false);
  }

  /** Writes a file; a secret is for its owner alone, and what begins with #! can be run. */
  void write(String name, byte[] content, boolean secret) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Path draft =
        Files.createTempFile(
            file.getParent(),
            ".draft",
            null,
            PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
    Files.write(draft, content);
    if (!secret && isScript(content)) {
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static boolean isScript(byte[] content) {
    return content.length > 2 && content[0] == '#' && content[1] == '!';
  }

  /** Makes a directory that only its owner may enter. */
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
