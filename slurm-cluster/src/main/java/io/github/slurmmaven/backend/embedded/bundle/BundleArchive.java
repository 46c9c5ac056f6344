/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks a bundle from its archive into a directory. */
final class BundleArchive {

  /** Marks the places of build-bundle.sh that are filled in here. */
  private static final String PLACEHOLDER = "//";

  private static final int OWNER_MAY_EXECUTE = 0100;
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> DATA = PosixFilePermissions.fromString("rw-r--r--");

  /** The final path of the files. */
  private final Path home;

  /**
   * @param home final absolute path of the files
   */
  BundleArchive(Path home) {
    this.home = home;
  }

  /**
   * Unpacks an archive.
   *
   * @param archive a tar archive, compressed by xz
   * @param directory an empty directory, to be moved to its home afterwards
   * @throws UserMistakeException when the home's path is too long
   */
  void unpack(byte[] archive, Path directory) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)), "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
          throw new IOException("the archive wants to write outside: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          Files.setPosixFilePermissions(target, PROGRAM);
        } else if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
          Files.write(target, atHome(tar.readAllBytes()));
          Files.setPosixFilePermissions(
              target, (entry.getMode() & OWNER_MAY_EXECUTE) == 0 ? DATA : PROGRAM);
        }
      }
    }
  }

  /** Returns a file with the final path of the loader, if it is a program that needs one. */
  private byte[] atHome(byte[] file) {
    Optional<ElfInterpreter> interpreter =
        ElfInterpreter.of(file).filter(found -> found.read(file).startsWith(PLACEHOLDER));
    if (interpreter.isPresent()) {
      String placeholder = interpreter.get().read(file);
      String loader = placeholder.substring(placeholder.lastIndexOf('/') + 1);
      byte[] path = ElfInterpreter.bytes(home.resolve("lib").resolve(loader));
      int longest = interpreter.get().longest();
      if (path.length > longest) {
        throw new UserMistakeException(
            "The path of the cache for Slurm's programs is too long, %d bytes with %s where %d are possible. %s"
                .formatted(path.length, home, longest, Advice.OTHER_CACHE));
      }
      interpreter.get().write(file, path);
    }
    return file;
  }
}
