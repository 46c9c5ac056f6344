/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SshBannerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final CountDownLatch done = new CountDownLatch(1);
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    done.countDown();
    server.close();
  }

  /** Sends a text to each client, then closes the connection or keeps it open. */
  private void says(String text, boolean holdsOpen) {
    Thread thread =
        new Thread(
            () -> {
              try (Socket client = server.accept()) {
                client.getOutputStream().write(text.getBytes(ISO_8859_1));
                client.getOutputStream().flush();
                if (holdsOpen) {
                  done.await();
                }
              } catch (IOException e) {
                // The test has ended.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private String read(Duration timeout) throws IOException {
    return SshBanner.read("127.0.0.1", server.getLocalPort(), timeout);
  }

  @Test
  void greetingIsTheFirstLine() throws IOException {
    says("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\nmore", true);

    assertThat(read(PATIENCE)).isEqualTo("SSH-2.0-OpenSSH_9.2p1 Debian-2");
  }

  @Test
  void closedPort() throws IOException {
    server.close();

    assertThatThrownBy(() -> read(PATIENCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refused");
  }

  @Test
  void silentServerCostsTheTimeoutAndNoMore() {
    says("", true);

    // Without the timeout it would wait for ever.
    assertThatThrownBy(() -> read(Duration.ofMillis(200))).isInstanceOf(IOException.class);
  }

  @Test
  void slowServerCannotStretchTheTimeout() {
    Thread thread =
        new Thread(
            () -> {
              try (Socket client = server.accept()) {
                while (!Thread.currentThread().isInterrupted()) {
                  client.getOutputStream().write('S');
                  client.getOutputStream().flush();
                  Thread.sleep(200);
                }
              } catch (IOException e) {
                // The client has gone.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.setDaemon(true);
    thread.start();
    long begin = System.nanoTime();

    assertThatThrownBy(() -> read(Duration.ofMillis(300))).isInstanceOf(IOException.class);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void serverThatHangsUp() {
    says("", false);

    assertThatThrownBy(() -> read(PATIENCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed without a greeting");
  }

  @Test
  void anotherKindOfServer() {
    says("220 mail.example.org ESMTP\r\n", true);

    assertThatThrownBy(() -> read(PATIENCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not an SSH server")
        .hasMessageContaining("220 mail.example.org ESMTP");
  }

  @Test
  void endlessLineIsCutOff() {
    says("x".repeat(100_000), true);

    assertThatThrownBy(() -> read(PATIENCE))
        .isInstanceOf(IOException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
  }

  @Test
  void controlCharactersOfAStrangerAreNotShown() {
    says("\u001b[31mred\u0007\r\n", true);

    assertThatThrownBy(() -> read(PATIENCE))
        .isInstanceOf(IOException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\u001b", "\u0007"));
  }
}
