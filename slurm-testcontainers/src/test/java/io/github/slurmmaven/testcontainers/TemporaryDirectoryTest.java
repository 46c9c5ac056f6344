/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TemporaryDirectoryTest {

  @TempDir private Path parent;

  private @Nullable Process jvm;

  /** A JVM that makes a directory, and writes a key into it until it is interrupted. */
  static final class OtherJvm {

    public static void main(String[] arguments) throws IOException {
      TemporaryDirectory directory = TemporaryDirectory.create(Path.of(arguments[0]));
      Thread filling =
          new Thread(
              () ->
                  directory.fill(
                      () -> {
                        write(directory.path().resolve("key"));
                        System.out.println(directory.path());
                        while (!Thread.interrupted()) {
                          write(directory.path().resolve("key"));
                        }
                      },
                      () -> {}));
      filling.start();
      System.in.read();
      System.exit(0);
    }

    private static void write(Path file) {
      try {
        Files.writeString(file, "secret");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @AfterEach
  void killTheOtherJvm() {
    if (jvm != null) {
      jvm.destroyForcibly();
    }
  }

  /** Starts the other JVM, and returns the directory that it fills. */
  private Path startOtherJvm() throws IOException {
    jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherJvm.class.getName(),
                parent.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = new BufferedReader(new InputStreamReader(jvm.getInputStream()));
    Path directory = Path.of(output.readLine());
    assertThat(directory.resolve("key")).exists();
    return directory;
  }

  private void end(Process process) throws InterruptedException {
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void onlyTheUserCanReadADirectory() throws IOException {
    try (TemporaryDirectory directory = TemporaryDirectory.create(parent)) {
      assertThat(Files.getPosixFilePermissions(directory.path()))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void closeRemovesADirectoryAfterItsAction() throws IOException {
    TemporaryDirectory directory = TemporaryDirectory.create(parent);
    Path removed = parent.resolve("removed");
    directory.fill(
        () -> OtherJvm.write(directory.path().resolve("key")),
        () -> OtherJvm.write(directory.path().resolveSibling("removed")));

    directory.close();

    assertThat(directory.path()).doesNotExist();
    assertThat(removed).exists();
  }

  @Test
  void closeRemovesADirectoryWhoseActionFails() {
    TemporaryDirectory directory = TemporaryDirectory.create(parent);
    directory.fill(
        () -> {},
        () -> {
          throw new IllegalStateException("the engine is gone");
        });

    assertThatThrownBy(directory::close).hasMessage("the engine is gone");
    assertThat(directory.path()).doesNotExist();
  }

  @Test
  void theEndOfTheJvmRemovesADirectoryThatIsBeingFilled() throws Exception {
    Path directory = startOtherJvm();

    jvm.getOutputStream().close();
    end(jvm);

    assertThat(directory).doesNotExist();
  }

  @Test
  void theNextStartRemovesTheDirectoryOfAKilledJvm() throws Exception {
    Path directory = startOtherJvm();
    end(jvm.destroyForcibly());
    assertThat(directory).exists();

    try (TemporaryDirectory next = TemporaryDirectory.create(parent)) {
      assertThat(directory).doesNotExist();
      assertThat(next.path()).exists();
    }
  }

  @Test
  void aStartKeepsTheDirectoriesOfRunningJvms() throws Exception {
    Path other = startOtherJvm();
    try (TemporaryDirectory first = TemporaryDirectory.create(parent);
        TemporaryDirectory second = TemporaryDirectory.create(parent)) {
      assertThat(other.resolve("key")).exists();
      assertThat(first.path()).exists();
      assertThat(second.path()).exists();
    }
  }
}
