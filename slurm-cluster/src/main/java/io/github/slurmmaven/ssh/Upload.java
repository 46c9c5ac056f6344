/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.sftp.FileAttributes;
import net.schmizz.sshj.sftp.FileMode;
import net.schmizz.sshj.sftp.Response.StatusCode;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.sftp.SFTPException;
import net.schmizz.sshj.xfer.FileSystemFile;
import org.jspecify.annotations.Nullable;

/** Copies a file or a directory to the other side. */
final class Upload {

  private final SFTPClient sftp;

  Upload(SFTPClient sftp) {
    this.sftp = sftp;
    sftp.getFileTransfer().setPreserveAttributes(false);
  }

  /** As {@code cp -r} would, but that a link named as the source is followed. */
  void copy(Path local, String remote) throws IOException {
    if (!Files.exists(local)) {
      throw new UserMistakeException(local + " does not exist: there is nothing to copy");
    }
    Path name = local.toAbsolutePath().normalize().getFileName();
    String target = name != null && isDirectory(remote) ? remote + "/" + name : remote;
    Path root = local.toRealPath();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            makeDirectory(on(directory));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isSymbolicLink()) {
              link(file, on(file));
            } else if (attributes.isRegularFile()) {
              put(file, on(file));
              keep(file, attributes, on(file));
            } else {
              throw new UserMistakeException(
                  file + " is neither a file nor a directory nor a link: it cannot be copied");
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            keep(
                directory,
                Files.readAttributes(directory, BasicFileAttributes.class),
                on(directory));
            return FileVisitResult.CONTINUE;
          }

          private String on(Path file) {
            return file.equals(root) ? target : target + "/" + root.relativize(file);
          }
        });
  }

  private boolean isDirectory(String remote) throws IOException {
    FileAttributes attributes = sftp.statExistence(remote);
    return attributes != null && attributes.getType() == FileMode.Type.DIRECTORY;
  }

  private void makeDirectory(String remote) throws IOException {
    if (!isDirectory(remote)) {
      sftp.mkdir(remote);
    }
  }

  private void put(Path file, String remote) throws IOException {
    if (isDirectory(remote)) {
      throw new UserMistakeException(
          remote + " is a directory on the cluster, and " + file + " is a file");
    }
    sftp.put(new FileSystemFile(file.toFile()), remote);
  }

  private void link(Path file, String remote) throws IOException {
    try {
      sftp.rm(remote);
    } catch (SFTPException e) {
      if (e.getStatusCode() != StatusCode.NO_SUCH_FILE) {
        throw e;
      }
    }
    // In the order that OpenSSH made the custom, and not the draft's: see section 4.1 of
    // https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL?annotate=HEAD
    sftp.symlink(Files.readSymbolicLink(file).toString(), remote);
  }

  private void keep(Path file, BasicFileAttributes attributes, String remote) throws IOException {
    sftp.setattr(
        remote,
        new FileAttributes.Builder()
            .withPermissions(mode(file))
            .withAtimeMtime(
                attributes.lastAccessTime().to(TimeUnit.SECONDS),
                attributes.lastModifiedTime().to(TimeUnit.SECONDS))
            .build());
  }

  private static int mode(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0777;
  }
}
