/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.junit.jupiter.api.Test;

class LogProgressTest {

  private static final String CLEAR = "\r\u001b[K";

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final PrintStream terminal = new PrintStream(screen, true, UTF_8);
  private boolean debug;

  /** A log on the same screen, as Maven's is. */
  private final SystemStreamLog log =
      new SystemStreamLog() {
        @Override
        public void info(CharSequence line) {
          terminal.print("[INFO] " + line + "\n");
        }

        @Override
        public void warn(CharSequence line) {
          terminal.print("[WARNING] " + line + "\n");
        }

        @Override
        public void debug(CharSequence line) {
          terminal.print("[DEBUG] " + line + "\n");
        }

        @Override
        public boolean isDebugEnabled() {
          return debug;
        }
      };

  private LogProgress onTerminal() {
    return new LogProgress(log, Optional.of(terminal), Optional.empty());
  }

  private String screen() {
    return screen.toString(UTF_8);
  }

  @Test
  void whatGoesOnIsOverwrittenByTheNext() {
    LogProgress progress = onTerminal();

    progress.now("1 of 2");
    progress.now("2 of 2");
    progress.step("done");
    progress.warn("but");

    assertThat(screen())
        .isEqualTo(CLEAR + "1 of 2" + CLEAR + "2 of 2" + CLEAR + "[INFO] done\n[WARNING] but\n");
  }

  @Test
  void nothingOfItIsLeftAtTheEnd() {
    try (LogProgress progress = onTerminal()) {
      progress.now("waiting");
    }

    assertThat(screen()).isEqualTo(CLEAR + "waiting" + CLEAR);
  }

  @Test
  void longLinesAreCutSoThatTheyCanBeCleared() {
    onTerminal().now("x".repeat(200));

    assertThat(screen()).isEqualTo(CLEAR + "x".repeat(77) + "…");
  }

  @Test
  void whereNobodySeesItThereArePlainLinesOnly() {
    LogProgress progress = new LogProgress(log, Optional.empty(), Optional.empty());

    progress.now("waiting");
    progress.step("done");
    progress.detail("so");
    progress.close();

    assertThat(screen()).isEqualTo("[INFO] done\n");
  }

  @Test
  void debugOutputKeepsEveryDetailInPlainLines() {
    debug = true;
    LogProgress progress = onTerminal();

    progress.now("waiting");
    progress.detail("waiting for compute-0");
    progress.step("done");

    assertThat(screen()).isEqualTo("[DEBUG] waiting for compute-0\n[INFO] done\n");
  }

  @Test
  void linesOfSeveralClustersBeginWithTheirNames() {
    debug = true;
    LogProgress progress = new LogProgress(log, Optional.empty(), Optional.of("first"));

    progress.step("1 node started");
    progress.warn("but");
    progress.detail("more");

    assertThat(screen())
        .isEqualTo("[INFO] [first] 1 node started\n[WARNING] [first] but\n[DEBUG] [first] more\n");
  }

  @Test
  void lineOnATerminalBeginsWithTheNameToo() {
    LogProgress progress = new LogProgress(log, Optional.of(terminal), Optional.of("first"));

    progress.now("1 of 2");

    assertThat(screen()).isEqualTo(CLEAR + "[first] 1 of 2");
  }
}
