/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.server;

import io.github.slurmmaven.embedded.SessionChannel;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.AbstractCommandSupport;

/** A command line that a client sent, in a thread of its own. */
final class ClientCommand extends AbstractCommandSupport {

  /** The exit status of a command without a result. */
  private static final int NO_STATUS = 255;

  private final CommandLineRunner runner;
  private Map<String, String> variables = Map.of();

  ClientCommand(CommandLineRunner runner, String line) {
    super(line, null);
    this.runner = runner;
  }

  @Override
  public void start(ChannelSession channel, Environment environment) throws IOException {
    variables = ((SessionChannel) channel).accepted();
    super.start(channel, environment);
  }

  @Override
  public void run() {
    int status;
    try {
      status =
          runner.run(
              getCommand(), variables, getInputStream(), getOutputStream(), getErrorStream());
      getOutputStream().flush();
      getErrorStream().flush();
    } catch (DroppedConnectionException e) {
      getServerSession().close(true);
      return;
    } catch (IOException | UncheckedIOException e) {
      // The client is gone, or the mock is closed.
      status = NO_STATUS;
    } catch (RuntimeException e) {
      // A client that waits for ever would hide it.
      new PrintStream(getErrorStream(), true, StandardCharsets.UTF_8)
          .println("mock-slurm: this command is beyond the mock: " + e);
      status = NO_STATUS;
    }
    onExit(status);
  }
}
