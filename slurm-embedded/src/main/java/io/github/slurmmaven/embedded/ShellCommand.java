/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.Signal;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jspecify.annotations.Nullable;

/** A shell, or a command given to it, as a process of this machine. */
final class ShellCommand implements Command {

  private static final int CHUNK = 32 * 1024;
  private static final int CANNOT_RUN = 126;
  private static final int SIGNALLED = 128;

  /** Signals that a client can send to the command's process group. */
  private static final List<Signal> SIGNALS =
      List.of(
          Signal.HUP,
          Signal.INT,
          Signal.QUIT,
          Signal.KILL,
          Signal.TERM,
          Signal.ALRM,
          Signal.USR1,
          Signal.USR2);

  private final Settings settings;
  private final Optional<String> line;
  private final Processes processes;
  private final ExecutorService threads;
  private final Path statusFile;
  private @Nullable InputStream in;
  private @Nullable OutputStream out;
  private @Nullable OutputStream err;
  private @Nullable ExitCallback callback;
  private volatile @Nullable Process process;

  /**
   * @param line command line for the shell; empty for the shell itself
   * @param threads runs blocking work
   */
  ShellCommand(
      Settings settings, Optional<String> line, Processes processes, ExecutorService threads) {
    this.settings = settings;
    this.line = line;
    this.processes = processes;
    this.threads = threads;
    statusFile = settings.scratch().resolve("signal-" + UUID.randomUUID());
  }

  @Override
  public void setInputStream(InputStream stream) {
    in = stream;
  }

  @Override
  public void setOutputStream(OutputStream stream) {
    out = stream;
  }

  @Override
  public void setErrorStream(OutputStream stream) {
    err = stream;
  }

  @Override
  public void setExitCallback(ExitCallback exit) {
    callback = exit;
  }

  @Override
  public void start(ChannelSession session, Environment environment) {
    SessionChannel channel = (SessionChannel) session;
    threads.execute(() -> run(channel, environment));
  }

  /** Hangs up: the command's process group gets SIGHUP. */
  @Override
  public void destroy(ChannelSession channel) {
    Process running = process;
    if (running != null) {
      running.destroy();
    }
  }

  private void run(SessionChannel channel, Environment environment) {
    OutputStream errors = Objects.requireNonNull(err);
    int status;
    try {
      Process started = processes.start(builder(channel, environment));
      process = started;
      if (channel.isClosing()) {
        started.destroy();
      }
      listen(environment, started, channel.hasTerminal());
      Future<?> copying =
          threads.submit(() -> copy(started.getInputStream(), Objects.requireNonNull(out)));
      copy(started.getErrorStream(), errors);
      copying.get();
      status = started.waitFor();
      if (status > SIGNALLED && wasKilled()) {
        channel.endedBySignal(status - SIGNALLED);
      }
    } catch (IOException e) {
      status = complain(errors, e);
    } catch (ExecutionException e) {
      status = complain(errors, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Objects.requireNonNull(callback).onExit(status);
  }

  private static int complain(OutputStream errors, @Nullable Throwable problem) {
    try {
      errors.write(
          ("The command cannot be run: " + problem + "\n").getBytes(StandardCharsets.UTF_8));
      errors.flush();
    } catch (IOException e) {
      System.err.println("A command cannot be run: " + problem);
    }
    return CANNOT_RUN;
  }

  private ProcessBuilder builder(SessionChannel channel, Environment environment) {
    List<String> command = new ArrayList<>();
    command.add(settings.launcher().toString());
    command.add(String.valueOf(ProcessHandle.current().pid()));
    command.add(statusFile.toString());
    if (channel.hasTerminal()) {
      command.add("--terminal");
      command.add(environment.getEnv().getOrDefault(Environment.ENV_LINES, "0"));
      command.add(environment.getEnv().getOrDefault(Environment.ENV_COLUMNS, "0"));
      command.add(
          environment.getPtyModes().entrySet().stream()
              .map(mode -> mode.getKey().toInt() + "=" + Integer.toUnsignedString(mode.getValue()))
              .collect(Collectors.joining(",")));
    }
    command.add("--");
    command.add(settings.shell());
    line.ifPresent(text -> command.addAll(List.of("-c", text)));

    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(settings.home().toFile());
    Map<String, String> variables = new HashMap<>(settings.environment());
    variables.putAll(channel.accepted());
    if (channel.hasTerminal()) {
      variables.put("TERM", environment.getEnv().getOrDefault(Environment.ENV_TERM, "dumb"));
    }
    builder.environment().clear();
    builder.environment().putAll(variables);
    return builder;
  }

  /** Passes on the client's input while the command runs. */
  private void listen(Environment environment, Process running, boolean terminal) {
    OutputStream input = running.getOutputStream();
    InputStream typed = Objects.requireNonNull(in);
    environment.addSignalListener(
        (channel, signal) -> threads.execute(() -> processes.signal(running, signal.name())),
        SIGNALS);
    if (terminal) {
      TerminalInput frames = new TerminalInput(input);
      environment.addSignalListener(
          (channel, signal) -> threads.execute(() -> frames.resize(environment)), Signal.WINCH);
      threads.execute(() -> frames.type(typed));
      return;
    }
    threads.execute(
        () -> {
          try (input) {
            copy(typed, input);
          } catch (IOException e) {
            // The command does not read any more.
            return;
          }
        });
  }

  /** Copies until the input ends or the output is closed. */
  private static void copy(InputStream from, OutputStream to) {
    byte[] chunk = new byte[CHUNK];
    try {
      for (int length = from.read(chunk); length >= 0; length = from.read(chunk)) {
        to.write(chunk, 0, length);
        to.flush();
      }
    } catch (IOException e) {
      // The client is gone; the command gets SIGHUP or SIGPIPE.
      return;
    }
  }

  private boolean wasKilled() throws IOException {
    try {
      Files.delete(statusFile);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return Arrays.toString(new Object[] {settings.shell(), line});
  }
}
