/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import io.github.slurmmaven.terminal.Terminal;
import io.github.slurmmaven.terminal.Terminal.Size;
import java.util.Map;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.connection.channel.direct.SessionChannel;

/** The remote end of the user's terminal (RFC 4254, section 6.2). */
final class RemoteTerminal {

  private RemoteTerminal() {}

  /** Requests a terminal for a channel, and keeps its size equal to the user's. */
  static void attach(SessionChannel channel, Terminal terminal) throws SSHException {
    Size size = terminal.size();
    channel.allocatePTY(terminal.type(), size.columns(), size.rows(), 0, 0, Map.of());
    terminal.onResize(changed -> resize(channel, changed));
    // The size may have changed before the listener was added.
    resize(channel, terminal.size());
  }

  private static void resize(SessionChannel channel, Size size) {
    if (channel.isOpen()) {
      try {
        channel.changeWindowDimensions(size.columns(), size.rows(), 0, 0);
      } catch (SSHException e) {
        // The connection is lost, which the session itself reports.
      }
    }
  }
}
