/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileFailureTest {

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new AccessDeniedException("/a"), "permission denied (/a)"),
        Arguments.of(new NoSuchFileException("/a"), "no such file or directory (/a)"),
        Arguments.of(
            new FileAlreadyExistsException("/a"), "a file of that name already exists (/a)"),
        Arguments.of(new NotDirectoryException("/a"), "it is not a directory (/a)"),
        Arguments.of(new DirectoryNotEmptyException("/a"), "the directory is not empty (/a)"),
        Arguments.of(
            new FileSystemLoopException("/a"), "a symbolic link leads back to itself (/a)"),
        Arguments.of(new FileSystemException("/a"), "the file system refuses it (/a)"),
        Arguments.of(
            new FileSystemException("/a", null, "No space left on device"),
            "No space left on device (/a)"),
        Arguments.of(new IOException("broken pipe"), "broken pipe"),
        Arguments.of(new EOFException(), "java.io.EOFException"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void saysReasonAndFile(IOException failure, String words) {
    assertThat(FileFailure.of(failure)).isEqualTo(words);
  }
}
