/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpHelper;
import org.apache.sshd.sftp.server.SftpErrorStatusDataHandler;
import org.apache.sshd.sftp.server.SftpSubsystemEnvironment;

/**
 * The SFTP error codes and messages of OpenSSH's server, which uses version 3 of the protocol. MINA
 * also uses codes of version 6, which clients report as unknown errors.
 */
final class SftpErrors implements SftpErrorStatusDataHandler {

  /** The longest name of a file on Linux. */
  private static final int LONGEST_NAME = 255;

  @Override
  public int resolveSubStatus(
      SftpSubsystemEnvironment sftp, int id, Throwable problem, int command, Object... arguments) {
    if (problem instanceof FileSystemException failed) {
      return ofFile(sftp.getDefaultDirectory(), failed, arguments);
    }
    if (problem instanceof EOFException) {
      return SftpConstants.SSH_FX_EOF;
    }
    if (problem instanceof InvalidPathException) {
      return SftpConstants.SSH_FX_NO_SUCH_FILE;
    }
    int usual = SftpHelper.resolveSubstatus(problem);
    return usual > SftpConstants.SSH_FX_OP_UNSUPPORTED ? SftpConstants.SSH_FX_FAILURE : usual;
  }

  private static int ofFile(Path home, FileSystemException failed, Object... arguments) {
    if (failed instanceof NoSuchFileException
        || failed instanceof NotDirectoryException
        || failed instanceof FileSystemLoopException) {
      return SftpConstants.SSH_FX_NO_SUCH_FILE;
    }
    if (failed instanceof NotLinkException) {
      return SftpConstants.SSH_FX_BAD_MESSAGE;
    }
    if (failed instanceof FileAlreadyExistsException) {
      return SftpConstants.SSH_FX_FAILURE;
    }
    // Other exceptions have only a message in this machine's language, so the paths are checked
    // instead. The exception's own path is wrong in a file system with a root of its own.
    for (Object argument : arguments) {
      Path file = argument instanceof String path ? home.resolve(path) : home;
      if (isTooLong(file)) {
        return SftpConstants.SSH_FX_BAD_MESSAGE;
      }
      if (leadsNowhere(file)) {
        return SftpConstants.SSH_FX_NO_SUCH_FILE;
      }
    }
    return failed instanceof AccessDeniedException
        ? SftpConstants.SSH_FX_PERMISSION_DENIED
        : SftpConstants.SSH_FX_FAILURE;
  }

  private static boolean isTooLong(Path file) {
    for (Path name : file) {
      if (name.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        return true;
      }
    }
    return false;
  }

  /** Whether the path continues after a file, or its links form a loop. */
  private static boolean leadsNowhere(Path file) {
    if (Files.isSymbolicLink(file) && !Files.exists(file)) {
      return true;
    }
    Path above = file.getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    return above != null && !Files.isDirectory(above);
  }

  @Override
  public String resolveErrorMessage(
      SftpSubsystemEnvironment sftp,
      int id,
      Throwable problem,
      int status,
      int command,
      Object... arguments) {
    return switch (status) {
      case SftpConstants.SSH_FX_EOF -> "End of file";
      case SftpConstants.SSH_FX_NO_SUCH_FILE -> "No such file";
      case SftpConstants.SSH_FX_PERMISSION_DENIED -> "Permission denied";
      case SftpConstants.SSH_FX_BAD_MESSAGE -> "Bad message";
      case SftpConstants.SSH_FX_OP_UNSUPPORTED -> "Operation unsupported";
      default -> "Failure";
    };
  }
}
