/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.maven.execution.AbstractExecutionListener;
import org.apache.maven.execution.DefaultMavenExecutionRequest;
import org.apache.maven.execution.ExecutionEvent;
import org.apache.maven.execution.ExecutionListener;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway") // Maven's listeners are told of an event that the tests do not need.
class BuildEndTest {

  private static final Path ONE = Path.of("one");
  private static final Path TWO = Path.of("two");

  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
  private Duration patience = Duration.ofSeconds(60);
  private final MavenExecutionRequest request =
      new DefaultMavenExecutionRequest()
          .setExecutionListener(
              new AbstractExecutionListener() {
                @Override
                public void projectStarted(ExecutionEvent event) {
                  told.add("project started");
                }

                @Override
                public void sessionEnded(ExecutionEvent event) {
                  told.add("session ended");
                }
              });

  @Test
  void takesDownWhatWasStartedBeforeMavenSumsUp() {
    start(ONE);

    endSession();

    assertThat(told).containsExactly("destroy one", "session ended");
  }

  @Test
  void takesDownAStartedClusterOnce() {
    start(ONE);
    start(ONE);

    endSession();
    endSession();
    buildEnd().onSignal();

    assertThat(told).containsOnlyOnce("destroy one");
  }

  @Test
  void leavesADestroyedClusterAlone() {
    start(ONE);
    buildEnd().destroy(ONE, () -> told.add("goal"));

    endSession();

    assertThat(told).containsExactly("goal", "session ended");
  }

  @Test
  void triesAgainWhenTheGoalCouldNotDestroy() {
    start(ONE);
    assertThatThrownBy(() -> buildEnd().destroy(ONE, BuildEndTest::fail)).hasMessage("engine gone");

    endSession();

    assertThat(told).contains("destroy one");
  }

  @Test
  void forgetsAClusterThatDidNotStart() {
    assertThatThrownBy(
            () ->
                buildEnd()
                    .start(
                        ONE,
                        () -> {
                          throw new IllegalStateException("not ready");
                        },
                        () -> told.add("destroy one")))
        .hasMessage("not ready");

    endSession();

    assertThat(told).containsExactly("session ended");
  }

  @Test
  void aFailureStopsNeitherTheOthersNorMaven() {
    buildEnd().start(ONE, () -> "", BuildEndTest::fail);
    start(TWO);

    endSession();

    assertThat(told).containsExactly("destroy two", "session ended");
    assertThat(warnings).singleElement().asString().contains("'one'").contains("engine gone");
  }

  @Test
  void waitsForAnEngineThatIsRestarted() {
    Queue<RuntimeException> failures =
        new ArrayDeque<>(
            List.of(
                new EngineException(Kind.UNREACHABLE, "it does not answer any more", null),
                noEngine()));
    buildEnd()
        .start(
            ONE,
            () -> "",
            () -> {
              if (!failures.isEmpty()) {
                throw failures.remove();
              }
              told.add("destroy one");
            });

    endSession();

    assertThat(told).containsExactly("destroy one", "session ended");
    assertThat(warnings)
        .containsExactly(
            "The container engine does not answer: waiting up to 60 s for it, to remove cluster 'one'");
  }

  private void startOnAnEngineThatIsGone() {
    buildEnd()
        .start(
            ONE,
            () -> "",
            () -> {
              throw noEngine();
            });
  }

  @Test
  void givesUpOnAnEngineThatIsGone() {
    patience = Duration.ZERO;
    startOnAnEngineThatIsGone();

    endSession();

    assertThat(told).containsExactly("session ended");
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("'one'")
        .contains("No container engine answers");
  }

  @Test
  void doesNotWaitForAnEngineAfterASignal() {
    startOnAnEngineThatIsGone();

    buildEnd().onSignal();

    assertThat(warnings).singleElement().asString().contains("could not be removed");
  }

  @Test
  void isInstalledOnceABuild() {
    ExecutionListener before = request.getExecutionListener();

    BuildEnd first = buildEnd();
    ExecutionListener after = request.getExecutionListener();

    assertThat(buildEnd()).isSameAs(first);
    assertThat(request.getExecutionListener()).isSameAs(after).isNotSameAs(before);
  }

  @Test
  void passesOtherEventsOn() {
    buildEnd();

    request.getExecutionListener().projectStarted(null);

    assertThat(told).containsExactly("project started");
  }

  @Test
  void worksWhereNobodyListens() {
    request.setExecutionListener(null);
    start(ONE);

    endSession();

    assertThat(told).containsExactly("destroy one");
  }

  @Test
  void modulesMayStartClustersInParallel() {
    IntStream.range(0, 50).parallel().forEach(i -> start(Path.of("c" + i)));

    endSession();

    assertThat(told).hasSize(51).doesNotHaveDuplicates();
  }

  @Test
  void aSignalTakesDownWhatRuns() {
    start(ONE);

    buildEnd().onSignal();

    assertThat(told).containsExactly("destroy one");
  }

  @Test
  void whatComesAfterASignalIsNotBegun() {
    buildEnd().onSignal();

    assertThatThrownBy(() -> buildEnd().start(ONE, () -> told.add("start"), () -> told.add("end")))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessage("Interrupted by a signal");
    assertThatThrownBy(() -> buildEnd().interruptibly(() -> told.add("work")))
        .isInstanceOf(SlurmClusterException.class);
    assertThat(told).isEmpty();
  }

  @Test
  void aCreatedClusterStaysWhenTheBuildEnds() {
    buildEnd().create(ONE, () -> told.add("create"), () -> told.add("destroy one"));

    endSession();

    assertThat(told).containsExactly("create", "session ended");
  }

  @Test
  void aSignalAlsoTakesDownWhatWasOnlyCreated() {
    buildEnd().create(ONE, () -> told.add("create"), () -> told.add("destroy one"));
    buildEnd().create(TWO, () -> told.add("create"), () -> told.add("destroy two"));
    start(TWO);
    buildEnd().interruptibly(() -> told.add("by hand"));

    buildEnd().onSignal();

    assertThat(told)
        .containsExactlyInAnyOrder("create", "create", "by hand", "destroy one", "destroy two");
  }

  @Test
  void aSignalLeavesAloneWhatWasDestroyed() {
    buildEnd().create(ONE, () -> told.add("create"), () -> told.add("destroy one"));
    buildEnd().destroy(ONE, () -> told.add("goal"));

    buildEnd().onSignal();

    assertThat(told).containsExactly("create", "goal");
  }

  @Test
  void aSignalInterruptsAStartAndThenDestroysWhatItLeft() throws Exception {
    CountDownLatch inStart = new CountDownLatch(1);
    Thread module =
        new Thread(
            () ->
                buildEnd()
                    .start(
                        ONE,
                        () -> {
                          inStart.countDown();
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException e) {
                            told.add("interrupted");
                          }
                          throw new IllegalStateException("start gave up");
                        },
                        () -> told.add("destroy one")));
    module.setUncaughtExceptionHandler((thread, e) -> {});
    module.start();
    inStart.await();

    buildEnd().onSignal();

    assertThat(told).containsExactly("interrupted", "destroy one");
    module.join();
  }

  private void start(Path directory) {
    String result =
        buildEnd().start(directory, () -> "ready", () -> told.add("destroy " + directory));
    assertThat(result).isEqualTo("ready");
  }

  private static NoEngineException noEngine() {
    URI nowhere = URI.create("unix:///nowhere/docker.sock");
    return catchThrowableOfType(
        NoEngineException.class,
        () ->
            DockerEngine.connect(
                new Environment(
                    Map.of("DOCKER_HOST", nowhere.toString()), Path.of("/nowhere"), nowhere)));
  }

  private static void fail() {
    throw new IllegalStateException("engine gone");
  }

  private void endSession() {
    request.getExecutionListener().sessionEnded(null);
  }

  private BuildEnd buildEnd() {
    return BuildEnd.of(
        request,
        new SystemStreamLog() {
          @Override
          public void warn(CharSequence content) {
            warnings.add(content.toString());
          }

          @Override
          public void debug(Throwable error) {
            // Nobody reads it.
          }
        },
        patience);
  }
}
