/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.FakeContainerEngine.Call;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.terminal.Terminal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FakeContainerEngineTest extends ContainerEngineContract {

  private static final String IMAGE = "fake:1";
  private static final CommandResult NOT_FOUND = new CommandResult(127, "", "not found");

  private final Map<List<String>, CommandResult> answers = new HashMap<>();

  private FakeContainerEngine fake() {
    return (FakeContainerEngine) engine;
  }

  @Override
  protected ContainerEngine connect() {
    return new FakeContainerEngine()
        .withImage(IMAGE)
        .onExec((container, command) -> answers.getOrDefault(command.command(), NOT_FOUND));
  }

  @Override
  protected String image() {
    return IMAGE;
  }

  @Override
  protected void commandAnswers(List<String> command, CommandResult result) {
    answers.put(command, result);
  }

  @Override
  protected void mainProcessWrites(String name, String log) {
    fake().withLog(name, log);
  }

  @Override
  protected void mainProcessWritesNow(String id, String line) {
    fake().appendLog(id, line);
  }

  @Override
  protected void terminalSession(Function<Terminal, Integer> session) {
    fake().onTerminal((command, terminal) -> session.apply(terminal));
  }

  @Override
  protected void mainProcessEnds(String name, int exitCode) {
    fake().exitOnStart(name, exitCode);
  }

  @Override
  protected String registry() {
    return "registry.fake:5000";
  }

  @Override
  protected String refusingRegistry() {
    return FakeContainerEngine.REFUSING_REGISTRY;
  }

  @Override
  protected String silentRegistry() {
    return FakeContainerEngine.SILENT_REGISTRY;
  }

  @Override
  protected void awaitPush() throws Exception {
    fake().awaitSilentPush();
  }

  @Override
  protected int takeForeignPort() {
    fake().withForeignPort(2222);
    return 2222;
  }

  @Test
  void failsWhenToldSoAndOnlyOnce() {
    EngineException planned = new EngineException(Kind.OTHER, "no", null);
    fake().failNext(Operation.START_CONTAINER, name("b"), planned);
    String a = engine.createContainer(sleeper("a").build());
    String b = engine.createContainer(sleeper("b").build());

    engine.startContainer(a);
    assertThat(failure(() -> engine.startContainer(b))).isSameAs(planned);
    assertThat(engine.inspectContainer(b).running()).isFalse();
    engine.startContainer(b);

    assertThat(engine.inspectContainer(b).running()).isTrue();
    assertThat(fake().calls())
        .contains(
            new Call(Operation.CREATE_CONTAINER, name("a")),
            new Call(Operation.START_CONTAINER, name("b")));
  }

  @Test
  void containerEndsWhenToldSo() throws Exception {
    String id = started(sleeper("a"));
    BlockingQueue<Integer> exits = new ArrayBlockingQueue<>(1);
    engine.watchExit(id, exits::add);

    fake().exitOutOfMemory(name("a"));

    assertThat(exits.poll(60, TimeUnit.SECONDS)).isEqualTo(137);
    assertThat(engine.inspectContainer(id).outOfMemory()).isTrue();
  }

  @Test
  void isUnreachableOnceVanished() throws Exception {
    FakeContainerEngine vanishing = new FakeContainerEngine().withImage(IMAGE);
    String id = vanishing.createContainer(sleeper("a").build());
    vanishing.startContainer(id);
    BlockingQueue<Integer> exits = new ArrayBlockingQueue<>(1);
    vanishing.watchExit(id, exits::add);

    vanishing.vanish();

    assertThat(exits.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
    assertThat(failure(vanishing::listNetworks).kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(vanishing.isEmpty()).isFalse();
  }

  @Test
  void pullsWhatItsRegistryHas() {
    fake().withPullableImage("registry/image:1");

    engine.pullImage("registry/image:1", line -> {});

    assertThat(engine.findImage("registry/image:1")).isPresent();
  }
}
