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

/** SFTP's access to files, where it fails as OpenSSH's does and MINA's does not. */
final class SftpFiles implements SftpFileSystemAccessor {

  /** A rename that says nothing of replacing fails when there is such a file, be it the same. */
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

  /** What has no time of its last change does not exist; MINA makes up other attributes for it. */
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
