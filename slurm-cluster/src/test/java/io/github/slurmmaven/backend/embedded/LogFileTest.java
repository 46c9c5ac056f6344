/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.LogRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LogFileTest {

  private static final LogRequest ALL =
      new LogRequest(OptionalInt.empty(), Optional.empty(), false);
  private static final LogRequest FOLLOWING =
      new LogRequest(OptionalInt.of(1), Optional.empty(), true);

  private final Path path;

  LogFileTest(@TempDir Path directory) {
    path = directory.resolve("node.log");
  }

  private List<String> read(LogRequest request) {
    List<String> lines = new ArrayList<>();
    new LogFile(path).read(request, lines::add, () -> false);
    return lines;
  }

  private void append(String text) throws IOException {
    Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void aMissingLogIsEmpty() {
    assertThat(read(ALL)).isEmpty();
  }

  @Test
  void readsAllLinesOrTheLast() throws IOException {
    append("one\nünï\n\nthree\n");

    assertThat(read(ALL)).containsExactly("one", "ünï", "", "three");
    assertThat(read(new LogRequest(OptionalInt.of(2), Optional.empty(), false)))
        .containsExactly("", "three");
    assertThat(read(new LogRequest(OptionalInt.of(0), Optional.empty(), false))).isEmpty();
  }

  @Test
  void sinceATime() throws IOException {
    append(
        """
        before any time
        [2024-05-06T07:08:09.100] old
        goes on
        [2024-05-06T07:08:10.000] new
        goes on too
        [2024-05-06T07:08:11.000] newer
        """);
    LocalDateTime since = LocalDateTime.parse("2024-05-06T07:08:09.500");

    assertThat(
            read(
                new LogRequest(
                    OptionalInt.empty(),
                    Optional.of(since.atZone(ZoneId.systemDefault()).toInstant()),
                    false)))
        .containsExactly(
            "[2024-05-06T07:08:10.000] new", "goes on too", "[2024-05-06T07:08:11.000] newer");
  }

  @Test
  void followsLineByLineUntilTheWriterEnds() throws Exception {
    append("one\ntwo\nthr");
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    AtomicBoolean goesOn = new AtomicBoolean(true);
    Thread follower = new Thread(() -> new LogFile(path).read(FOLLOWING, lines::add, goesOn::get));
    follower.start();

    assertThat(lines.poll(60, TimeUnit.SECONDS)).isEqualTo("two");
    append("ee\nfour\nla");
    assertThat(lines.poll(60, TimeUnit.SECONDS)).isEqualTo("three");
    assertThat(lines.poll(60, TimeUnit.SECONDS)).isEqualTo("four");
    append("st");
    goesOn.set(false);
    assertThat(lines.poll(60, TimeUnit.SECONDS)).isEqualTo("last");
    follower.join();
  }

  @Test
  void followsUntilItIsInterrupted() throws Exception {
    append("one\n");
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread follower =
        new Thread(
            () -> {
              new LogFile(path).read(FOLLOWING, lines::add, () -> true);
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    follower.start();
    assertThat(lines.poll(60, TimeUnit.SECONDS)).isEqualTo("one");

    follower.interrupt();
    follower.join();

    assertThat(interrupted).isTrue();
  }
}
