/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectExecResponse;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.terminal.Terminal;
import io.github.slurmmaven.terminal.Terminal.Size;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs commands in containers. */
final class Commands {

  private static final Duration HANG_UP_LIMIT = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(20);

  private final DockerClient client;
  private final DirectRequests direct;
  private final Requests requests;
  private final Failures failures;
  private final Heartbeat heartbeat;
  private final EngineTimeouts timeouts;

  Commands(EngineConnection engine) {
    this.client = engine.client();
    this.direct = engine.direct();
    this.requests = engine.requests();
    this.failures = engine.failures();
    this.heartbeat = engine.heartbeat();
    this.timeouts = engine.timeouts();
  }

  int run(String doing, String id, ExecCommand command, CommandOutput listener, Duration timeout) {
    Instant deadline = Instant.now().plus(timeout);
    String execId =
        requests.ask(
            doing,
            timeout.compareTo(timeouts.answer()) < 0 ? timeout : timeouts.answer(),
            () ->
                client
                    .execCreateCmd(id)
                    .withCmd(command.command().toArray(new String[0]))
                    .withUser(command.user())
                    .withEnv(variables(command.environment()))
                    .withAttachStdout(true)
                    .withAttachStderr(true)
                    .exec()
                    .getId());
    try (CommandStream output = new CommandStream(listener)) {
      client.execStartCmd(execId).exec(output);
      if (!heartbeat.await(doing, output, deadline)) {
        throw tooLong(doing, timeout);
      }
      output.throwIfBroken(doing, failures);
      return exitCode(doing, execId, deadline, timeout);
    } catch (InterruptedException e) {
      throw Requests.interrupted(doing, e);
    }
  }

  int runInTerminal(String doing, String id, ExecCommand command, Terminal terminal) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("TERM", terminal.type());
    environment.putAll(command.environment());
    String execId =
        requests.ask(
            doing,
            timeouts.answer(),
            () -> direct.createTerminal(id, command, variables(environment)));
    Size size = terminal.size();
    try (TerminalInput input = new TerminalInput();
        Response response =
            requests.ask(
                doing, timeouts.answer(), () -> direct.startTerminal(execId, size, input));
        TerminalSize resizes = new TerminalSize(client, requests, execId)) {
      resizes.set(size);
      terminal.onResize(resizes::set);
      requests.later(() -> input.pump(terminal));
      hold(doing, response.getBody(), input, terminal);
    } catch (InterruptedException e) {
      throw Requests.interrupted(doing, e);
    }
    try {
      return exitCode(doing, execId, Instant.now().plus(timeouts.answer()), timeouts.answer());
    } catch (InterruptedException e) {
      throw Requests.interrupted(doing, e);
    }
  }

  /** Passes on the command's output until it has ended. */
  private void hold(String doing, InputStream output, TerminalInput input, Terminal terminal)
      throws InterruptedException {
    Future<?> session =
        requests.submit(
            doing,
            () -> {
              show(doing, output, terminal.output());
              return true;
            });
    try {
      heartbeat.await(doing, session);
    } catch (InterruptedException e) {
      hangUp(input, session);
      throw e;
    } catch (ExecutionException e) {
      // The terminal or the engine is gone.
      hangUp(
          input, requests.submit(doing, () -> output.transferTo(OutputStream.nullOutputStream())));
      throw failures.translate(doing, e.getCause() == null ? e : e.getCause());
    }
  }

  private void show(String doing, InputStream output, OutputStream screen) throws IOException {
    byte[] buffer = new byte[8192];
    for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
      try {
        screen.write(buffer, 0, count);
        screen.flush();
      } catch (IOException e) {
        throw new EngineException(
            Kind.OTHER, doing + ": cannot write to the terminal: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Hangs up. The engine cannot end a command, so a command that ignores its terminal keeps
   * running.
   */
  private static void hangUp(TerminalInput input, Future<?> rest) throws InterruptedException {
    input.hangUp();
    try {
      rest.get(HANG_UP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Another failure ended the command first.
    }
  }

  private static List<String> variables(Map<String, String> environment) {
    return environment.entrySet().stream()
        .map(variable -> variable.getKey() + "=" + variable.getValue())
        .toList();
  }

  /** Waits for the exit code: the engine may close the streams a moment before it has the code. */
  private int exitCode(String doing, String execId, Instant deadline, Duration timeout)
      throws InterruptedException {
    while (true) {
      InspectExecResponse exec =
          requests.ask(doing, timeouts.answer(), () -> client.inspectExecCmd(execId).exec());
      Long exitCode = exec.getExitCodeLong();
      if (exitCode != null && !Boolean.TRUE.equals(exec.isRunning())) {
        return exitCode.intValue();
      }
      if (Instant.now().isAfter(deadline)) {
        throw tooLong(doing, timeout);
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  private static EngineException tooLong(String doing, Duration timeout) {
    return new EngineException(
        Kind.OTHER, doing + ": it did not end within " + timeout.toMillis() / 1000.0 + " s", null);
  }
}
