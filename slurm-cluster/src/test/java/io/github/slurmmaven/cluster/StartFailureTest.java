/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.FakeContainerEngine.Call;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each call of a start to the engine fails, one after the other: the network, each volume and
 * container, the readiness check.
 */
@Timeout(120)
class StartFailureTest {

  private static final String WORDS = "the engine says no";

  @TempDir private Path temporary;

  private enum Trouble {
    /** The engine refuses the call. */
    REFUSED {
      @Override
      void happen(Thread starting) {
        throw new EngineException(Kind.OTHER, WORDS, null);
      }
    },
    /** The build gets a signal. */
    INTERRUPTED {
      @Override
      void happen(Thread starting) {
        starting.interrupt();
      }
    };

    abstract void happen(Thread starting);
  }

  private static ClusterRequest cluster(FakeBackend backend, Path output) {
    return backend.cluster(output).preset("multi-node").build();
  }

  private List<Call> callsOfAnUntroubledStart() {
    try (FakeBackend backend = new FakeBackend()) {
      cluster(backend, temporary.resolve("untroubled")).start();
      return backend.engine.calls();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void nothingIsLeftWhicheverCallIs(Trouble trouble) {
    List<Call> calls = callsOfAnUntroubledStart();
    assertThat(calls)
        .extracting(Call::operation)
        .contains(
            Operation.CREATE_NETWORK,
            Operation.CREATE_VOLUME,
            Operation.CREATE_CONTAINER,
            Operation.START_CONTAINER,
            Operation.WATCH_EXIT,
            Operation.EXEC);

    for (int number = 1; number <= calls.size(); number++) {
      assertNothingIsLeft(trouble, number);
    }
  }

  private void assertNothingIsLeft(Trouble trouble, int number) {
    Path output = temporary.resolve(trouble + "-" + number);
    AtomicInteger count = new AtomicInteger();
    Thread starting = Thread.currentThread();
    try (FakeBackend backend = new FakeBackend()) {
      backend.engine.beforeCalls(
          call -> {
            if (count.incrementAndGet() == number) {
              trouble.happen(starting);
            }
          });
      ClusterRequest request = cluster(backend, output);
      SlurmCluster cluster = request.cluster();

      Throwable failure = catchThrowable(request::start);
      // A signal after the last call is left to the caller.
      boolean interrupted = Thread.interrupted();

      String call = "%s at call %d: %s".formatted(trouble, number, failure);
      assertThat(cluster.connection().isPresent()).as(call).isEqualTo(failure == null);
      if (failure == null) {
        assertThat(interrupted).as(call).isEqualTo(trouble == Trouble.INTERRUPTED);
      } else {
        assertThat(failure).as(call).isInstanceOf(SlurmClusterException.class);
        assertThat(failure)
            .as(call)
            .hasMessageContaining(trouble == Trouble.REFUSED ? WORDS : "Interrupted");
        assertThat(backend.engine.isEmpty()).as(call).isTrue();
      }
      assertThat(backend.progress.warnings()).as(call).isEmpty();
      cluster.destroy();
      assertThat(backend.engine.isEmpty()).as(call).isTrue();
      assertThat(output).as(call).doesNotExist();
    }
  }

  @Test
  void anEngineThatComesBackHoldsNothingThatCannotBeRemoved() {
    int calls = callsOfAnUntroubledStart().size();
    for (int number = 1; number <= calls; number++) {
      Path output = temporary.resolve("gone-" + number);
      int first = number;
      AtomicInteger count = new AtomicInteger();
      try (FakeBackend backend = new FakeBackend()) {
        backend.engine.beforeCalls(
            call -> {
              if (count.incrementAndGet() >= first) {
                throw new EngineException(Kind.UNREACHABLE, WORDS, null);
              }
            });
        ClusterRequest request = cluster(backend, output);
        SlurmCluster cluster = request.cluster();

        Throwable failure = catchThrowable(request::start);

        String call = "gone at call %d: %s".formatted(number, failure);
        assertThat(failure).as(call).isInstanceOf(SlurmClusterException.class);
        assertThat(failure).as(call).hasMessageContaining(WORDS);
        backend.engine.beforeCalls(again -> {});
        if (!backend.engine.isEmpty()) {
          assertThat(backend.progress.warnings())
              .as(call)
              .singleElement()
              .asString()
              .contains("could not be removed (slurm:destroy removes it)", WORDS);
        }
        cluster.destroy();
        assertThat(backend.engine.isEmpty()).as(call).isTrue();
        assertThat(output).as(call).doesNotExist();
      }
    }
  }
}
