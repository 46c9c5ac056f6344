/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreesTest {

  @TempDir Path directory;

  @Test
  void deletesAllBelowAndNothingBehindALink() throws IOException {
    Path kept = Files.createDirectories(directory.resolve("kept"));
    Files.writeString(kept.resolve("file"), "");
    Path tree = Files.createDirectories(directory.resolve("tree/a/b")).getParent().getParent();
    Files.writeString(tree.resolve("a/b/file"), "");
    Files.createSymbolicLink(tree.resolve("a/link"), kept);
    Files.createSymbolicLink(tree.resolve("dangling"), Path.of("nowhere"));

    FileTrees.delete(tree);

    assertThat(tree).doesNotExist();
    assertThat(kept.resolve("file")).exists();
  }

  @Test
  void deletesALinkAndNotItsTarget() throws IOException {
    Path kept = Files.createDirectories(directory.resolve("kept"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), kept);

    FileTrees.delete(link);

    assertThat(directory).isDirectoryContaining(kept::equals);
    assertThat(Files.isSymbolicLink(link)).isFalse();
  }

  @Test
  void deletesAFileThatIsReadOnly() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(file.toFile().setReadOnly()).isTrue();

    FileTrees.delete(file);

    assertThat(file).doesNotExist();
  }

  @Test
  void whatIsNotThereIsNoFailure() {
    assertThatCode(() -> FileTrees.delete(directory.resolve("none"))).doesNotThrowAnyException();
  }
}
