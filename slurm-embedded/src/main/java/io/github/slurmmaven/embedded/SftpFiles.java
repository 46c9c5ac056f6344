/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.NavigableMap;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;

/** SFTP's access to files, which fails in the same cases as OpenSSH's. */
final class SftpFiles implements SftpFileSystemAccessor {

  /**
   * Renames a file. Without the flag to overwrite, it fails if the target exists, even if it is the
   * same file.
   */
  @Override
  public void renameFile(
      SftpSubsystemProxy subsystem, Path oldPath, Path newPath, Collection<CopyOption> options)
      throws IOException {
    if (options.isEmpty()
        && Files.exists(oldPath, LinkOption.NOFOLLOW_LINKS)
        && Files.exists(newPath, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(newPath.toString());
    }
    SftpFileSystemAccessor.super.renameFile(subsystem, oldPath, newPath, options);
  }

  /** A file without a modification time does not exist; MINA invents its other attributes. */
  @Override
  public NavigableMap<String, Object> resolveReportedFileAttributes(
      SftpSubsystemProxy subsystem,
      Path file,
      int flags,
      NavigableMap<String, Object> attributes,
      LinkOption... options)
      throws IOException {
    if (attributes == null || !attributes.containsKey("lastModifiedTime")) {
      throw new NoSuchFileException(file.toString());
    }
    return attributes;
  }
}
