/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCopyTest {

  private final Path source;
  private final Path target;

  TreeCopyTest(@TempDir Path temporary) throws IOException {
    source = temporary.resolve("source");
    target = temporary.resolve("a/b/target");
    Files.createDirectories(source.resolve("sub"));
    Files.writeString(source.resolve("sub/tool"), "tool");
    Files.setPosixFilePermissions(
        source.resolve("sub/tool"), PosixFilePermissions.fromString("rwxr-x---"));
    Files.createSymbolicLink(source.resolve("link"), source.resolve("sub/tool"));
  }

  @Test
  void treeWithModesAndWhatLinksLeadTo() throws IOException {
    TreeCopy.copy(source, target);
    TreeCopy.copy(source, target);

    assertThat(target.resolve("sub/tool")).hasContent("tool");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(target.resolve("sub/tool"))))
        .isEqualTo("rwxr-x---");
    assertThat(target.resolve("link")).isRegularFile().hasContent("tool");
    try (Stream<Path> all = Files.walk(target)) {
      assertThat(all).hasSize(4);
    }
  }

  @Test
  void fileGetsTheTargetsName() throws IOException {
    TreeCopy.copy(source.resolve("sub/tool"), target);

    assertThat(target).isRegularFile().isExecutable().hasContent("tool");
  }

  @Test
  void severalAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> copies = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        copies.add(
            () -> {
              TreeCopy.copy(source, target);
              return null;
            });
      }
      for (Future<Void> copy : threads.invokeAll(copies)) {
        copy.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(target.resolve("sub/tool")).hasContent("tool");
  }

  @Test
  void aMissingSourceIsAnError() {
    assertThatThrownBy(() -> TreeCopy.copy(source.resolve("none"), target))
        .isInstanceOf(NoSuchFileException.class);
  }
}
