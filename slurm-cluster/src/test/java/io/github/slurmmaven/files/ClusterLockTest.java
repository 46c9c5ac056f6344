/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClusterLockTest {

  private static final String LOCKED = "locked";

  private final Path directory;
  private final Path file;
  private final List<Process> children = new ArrayList<>();

  ClusterLockTest(@TempDir Path directory) {
    this.directory = directory;
    file = directory.resolve(".cluster.lock");
  }

  @AfterEach
  void endChildren() {
    children.forEach(Process::destroyForcibly);
  }

  private Process child(Class<?> main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    children.add(child);
    return child;
  }

  private CompletableFuture<Void> lockInAnotherThread() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            ClusterLock.of(file, () -> {}).close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static void assertWaits(Future<?> waiting) throws InterruptedException {
    Thread.sleep(300);
    assertThat(waiting).isNotDone();
  }

  @Test
  void leavesNoFile() throws IOException {
    ClusterLock.of(file, () -> {}).close();

    assertThat(file).doesNotExist();
  }

  @Test
  void isSeenWhileThisProcessHasIt() throws Exception {
    assertThat(ClusterLock.isHeld(file)).isFalse();

    try (ClusterLock held = ClusterLock.of(file, () -> {})) {
      assertThat(ClusterLock.isHeld(file)).isTrue();
      assertThat(CompletableFuture.supplyAsync(() -> ClusterLock.isHeld(file)).get()).isTrue();
    }
    assertThat(ClusterLock.isHeld(file)).isFalse();
  }

  @Test
  void makesItsDirectoryAndTakesItAwayWhenItIsEmpty() throws IOException {
    Path nested = directory.resolve("a/b");
    ClusterLock held = ClusterLock.of(nested.resolve(".cluster.lock"), () -> {});
    assertThat(nested).isDirectory();

    held.close();

    assertThat(nested).doesNotExist();
    assertThat(directory).exists();
  }

  @Test
  void directoryWithFilesStays() throws IOException {
    Files.writeString(directory.resolve("other"), "");

    ClusterLock.of(file, () -> {}).close();

    assertThat(directory).isDirectoryContaining("glob:**/other");
  }

  @Test
  void anotherThreadWaits() throws Exception {
    ClusterLock held = ClusterLock.of(file, () -> {});
    CompletableFuture<Void> other = lockInAnotherThread();

    assertWaits(other);
    held.close();

    other.get(60, TimeUnit.SECONDS);
  }

  @Test
  void anotherClusterDoesNotWait() throws IOException {
    try (ClusterLock held = ClusterLock.of(file, () -> {})) {
      ClusterLock.of(directory.resolve(".other.lock"), () -> {}).close();
    }

    assertThat(file).doesNotExist();
  }

  @Test
  void anotherProcessWaits() throws Exception {
    ClusterLock held = ClusterLock.of(file, () -> {});
    Process child = child(Holder.class, file.toString());
    BufferedReader output = child.inputReader();
    CompletableFuture<String> locked =
        CompletableFuture.supplyAsync(() -> output.lines().findFirst().orElse("nothing"));
    // Long enough for the other process to be up and at the lock.
    Thread.sleep(1500);
    assertThat(locked).isNotDone();

    held.close();

    assertThat(locked.get(60, TimeUnit.SECONDS)).isEqualTo(LOCKED);
  }

  @Test
  void processThatDiesIsNotInTheWay() throws Exception {
    Process child = child(Holder.class, file.toString());
    assertThat(child.inputReader().readLine()).isEqualTo(LOCKED);
    assertThat(ClusterLock.isHeld(file)).isTrue();
    CompletableFuture<Void> mine = lockInAnotherThread();
    assertWaits(mine);

    child.destroyForcibly().waitFor();

    mine.get(60, TimeUnit.SECONDS);
    assertThat(ClusterLock.isHeld(file)).isFalse();
    assertThat(file).doesNotExist();
  }

  @Test
  void oneAtATimeAcrossThreadsAndProcesses() throws Exception {
    Path counter = Files.writeString(directory.resolve("counter"), "0");
    int rounds = 100;
    Process child =
        child(Counter.class, file.toString(), counter.toString(), String.valueOf(rounds));
    assertThat(child.inputReader().readLine()).isEqualTo(LOCKED);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> counting = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        counting.add(
            threads.submit(
                () -> {
                  Counter.count(file, counter, rounds);
                  return null;
                }));
      }
      for (Future<?> each : counting) {
        each.get(60, TimeUnit.SECONDS);
      }
      assertThat(child.waitFor()).isZero();
    } finally {
      threads.shutdownNow();
    }

    assertThat(counter).hasContent(String.valueOf(3 * rounds));
  }

  /** Holds the lock until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
      try (ClusterLock lock = ClusterLock.of(Path.of(arguments[0]), () -> {})) {
        System.out.println(LOCKED);
        Thread.sleep(TimeUnit.MINUTES.toMillis(1));
      }
    }
  }

  /** Adds to a number in a file, which goes wrong when two do so at once. */
  static final class Counter {
    private Counter() {}

    public static void main(String[] arguments) throws IOException {
      count(Path.of(arguments[0]), Path.of(arguments[1]), Integer.parseInt(arguments[2]));
    }

    static void count(Path lockFile, Path counter, int rounds) throws IOException {
      for (int i = 0; i < rounds; i++) {
        try (ClusterLock lock = ClusterLock.of(lockFile, () -> {})) {
          if (i == 0) {
            System.out.println(LOCKED);
          }
          int value = Integer.parseInt(Files.readString(counter));
          Files.writeString(counter, String.valueOf(value + 1));
        }
      }
    }
  }
}
