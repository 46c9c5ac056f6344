/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RequestsTest {

  private final Requests requests = new Requests(new Failures("x", new ObjectMapper()));

  @Test
  void engineThatNeverAnswersIsGivenUpAndItsThreadFreed(@TempDir Path directory) throws Exception {
    Path socket = directory.resolve("engine.sock");
    CountDownLatch freed = new CountDownLatch(1);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      URI uri = URI.create("unix://" + socket);
      try (DockerClient client =
          DockerClientImpl.getInstance(
              new EngineClientConfig(uri),
              new ZerodepDockerHttpClient.Builder().dockerHost(uri).build())) {
        EngineException failure =
            catchThrowableOfType(
                EngineException.class,
                () ->
                    requests.ask(
                        "cannot ask",
                        Duration.ofSeconds(1),
                        () -> {
                          try {
                            return client.versionCmd().exec();
                          } finally {
                            freed.countDown();
                          }
                        }));

        assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failure)
            .hasMessageStartingWith("cannot ask: the container engine at x does not answer")
            .hasMessageContaining("no answer within 1 s");
        assertThat(freed.await(60, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void interruptEndsTheWait() throws Exception {
    Thread.currentThread().interrupt();

    EngineException failure =
        catchThrowableOfType(
            EngineException.class,
            () ->
                requests.ask(
                    "cannot ask",
                    Duration.ofSeconds(10),
                    () -> {
                      Thread.sleep(10_000);
                      return 1;
                    }));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(failure).hasMessage("cannot ask: interrupted");
  }
}
