/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.embedded.SessionChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jspecify.annotations.Nullable;

/** A command line that a client sent, in a thread of its own. */
final class Exec implements Command {

  private final MockSlurm mock;
  private final String line;
  private InputStream in = InputStream.nullInputStream();
  private OutputStream out = OutputStream.nullOutputStream();
  private OutputStream err = OutputStream.nullOutputStream();
  private @Nullable ExitCallback callback;
  private @Nullable Thread thread;

  Exec(MockSlurm mock, String line) {
    this.mock = mock;
    this.line = line;
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
  public void start(ChannelSession channel, Environment environment) {
    Map<String, String> variables = ((SessionChannel) channel).accepted();
    Thread started = new Thread(() -> run(channel, variables), "mock-slurm " + line);
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  private void run(ChannelSession channel, Map<String, String> variables) {
    int status;
    try {
      status = mock.run(line, variables, in, out, err);
      flush();
    } catch (MockSlurm.DroppedException e) {
      channel.getServerSession().close(true);
      return;
    } catch (UncheckedIOException e) {
      // The client has gone, or the mock is closed.
      status = 255;
    } catch (RuntimeException e) {
      // A client that waits for ever would hide it.
      new PrintStream(err, true, StandardCharsets.UTF_8)
          .println("mock-slurm: this command is beyond the mock: " + e);
      status = 255;
    }
    ExitCallback exit = callback;
    if (exit != null) {
      exit.onExit(status);
    }
  }

  private void flush() {
    try {
      out.flush();
      err.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void destroy(ChannelSession channel) {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
