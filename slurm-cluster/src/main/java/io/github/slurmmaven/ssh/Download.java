/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.sftp.FileAttributes;
import net.schmizz.sshj.sftp.RemoteResourceInfo;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.xfer.FileSystemFile;

/** Copies a file or a directory from the other side. */
final class Download {

  private final SFTPClient sftp;

  Download(SFTPClient sftp) {
    this.sftp = sftp;
    sftp.getFileTransfer().setPreserveAttributes(false);
  }

  /** As {@code cp -r} would, but that a link named as the source is followed. */
  void copy(String remote, Path local) throws IOException {
    FileAttributes attributes = sftp.statExistence(remote);
    if (attributes == null) {
      throw new UserMistakeException(
          remote + " does not exist on the cluster: there is nothing to copy");
    }
    String source = sftp.canonicalize(remote);
    copy(
        source, attributes, Files.isDirectory(local) ? local.resolve(name(remote, source)) : local);
  }

  /** What the copy is called: the last name, unless that is one like {@code ..}. */
  private static String name(String remote, String canonical) {
    Path last = Path.of(remote).getFileName();
    if (last == null || last.toString().matches("\\.{0,2}")) {
      last = Path.of(canonical).getFileName();
    }
    return last == null ? "" : last.toString();
  }

  private void copy(String remote, FileAttributes attributes, Path local) throws IOException {
    switch (attributes.getType()) {
      case DIRECTORY -> {
        if (!Files.isDirectory(local)) {
          Files.createDirectory(local);
        }
        for (RemoteResourceInfo entry : sftp.ls(remote)) {
          copy(entry.getPath(), entry.getAttributes(), local.resolve(entry.getName()));
        }
        keep(attributes, local);
      }
      case REGULAR -> {
        if (Files.isDirectory(local)) {
          throw new UserMistakeException(local + " is a directory, and " + remote + " is a file");
        }
        sftp.get(remote, new FileSystemFile(local.toFile()));
        keep(attributes, local);
      }
      case SYMLINK -> {
        Files.deleteIfExists(local);
        Files.createSymbolicLink(local, Path.of(sftp.readlink(remote)));
      }
      default ->
          throw new UserMistakeException(
              remote + " is neither a file nor a directory nor a link: it cannot be copied");
    }
  }

  private static void keep(FileAttributes attributes, Path local) throws IOException {
    Files.setLastModifiedTime(local, FileTime.from(attributes.getMtime(), TimeUnit.SECONDS));
    Files.setAttribute(local, "unix:mode", attributes.getMode().getMask() & 0777);
  }
}
