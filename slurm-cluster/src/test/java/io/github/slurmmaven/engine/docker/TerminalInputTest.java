/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.engine.TestTerminal;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TerminalInputTest {

  private final TestTerminal terminal = new TestTerminal();
  private final TerminalInput input = new TerminalInput();
  private Thread pump;

  @BeforeEach
  void pump() {
    pump = new Thread(() -> input.pump(terminal));
    pump.setDaemon(true);
    pump.start();
  }

  @AfterEach
  void stop() {
    terminal.hangUp();
    input.close();
  }

  @Test
  void handsOnWhatIsTyped() throws Exception {
    terminal.type("größe").press((byte) 3, (byte) 0xff);

    assertThat(input.readNBytes(9)).startsWith("größe".getBytes(UTF_8)).endsWith(3, 0xff);
  }

  @Test
  void endIsAKeyThatIsPressedAgainAndAgain() throws Exception {
    terminal.type("last").hangUp();

    assertThat(input.readNBytes(4)).isEqualTo("last".getBytes(UTF_8));
    assertThat(input.readNBytes(3)).containsExactly(4, 4, 4);
  }

  @Test
  void hangingUpInterruptsFirst() throws Exception {
    input.hangUp();

    assertThat(input.readNBytes(3)).containsExactly(3, 4, 4);
    terminal.type("too late");
    assertThat(input.readNBytes(1)).containsExactly(4);
  }

  @Test
  void closingFreesItsReaderWhileNobodyTypes() throws Exception {
    CompletableFuture<byte[]> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return input.readAllBytes();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });

    input.close();

    assertThat(read.get(60, TimeUnit.SECONDS)).isEmpty();
    terminal.type("x");
    pump.join(TimeUnit.SECONDS.toMillis(60));
    assertThat(pump.isAlive()).isFalse();
  }
}
