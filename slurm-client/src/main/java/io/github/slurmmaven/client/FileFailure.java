/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Describes a failed file operation. Java's own message is often only the file's path, and the
 * reason is only in the name of the exception's class.
 */
public final class FileFailure {

  private FileFailure() {}

  /** Returns the reason and the file, for example {@code permission denied (/etc/shadow)}. */
  public static String of(Exception failure) {
    Throwable cause = failure.getCause();
    if (failure instanceof UncheckedIOException && cause instanceof IOException wrapped) {
      String own = String.valueOf(failure.getMessage());
      return own.equals(cause.toString()) ? of(wrapped) : own + ": " + of(wrapped);
    }
    if (!(failure instanceof FileSystemException file)) {
      return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
    String words = words(file);
    return file.getFile() == null ? words : words + " (" + file.getFile() + ")";
  }

  private static String words(FileSystemException failure) {
    if (failure.getReason() != null) {
      return failure.getReason();
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "a file of that name already exists";
    }
    if (failure instanceof NotDirectoryException) {
      return "it is not a directory";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "the directory is not empty";
    }
    return failure instanceof FileSystemLoopException
        ? "a symbolic link leads back to itself"
        : "the file system refuses it";
  }
}
