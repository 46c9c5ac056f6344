/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.PtyMode;
import org.apache.sshd.common.channel.RequestHandler;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;

/** A channel for a command or a shell, with the client's requests for it and its end. */
public final class SessionChannel extends ChannelSession {

  /** The variables that Debian's OpenSSH server accepts: {@code AcceptEnv LANG LC_*}. */
  private static final Pattern ACCEPTED = Pattern.compile("LANG|LC_[^=\\x00]*");

  /** Names of signals in SSH; see RFC 4254, section 6.10. */
  private static final Map<Integer, String> SIGNALS =
      Map.ofEntries(
          Map.entry(1, "HUP"),
          Map.entry(2, "INT"),
          Map.entry(3, "QUIT"),
          Map.entry(4, "ILL"),
          Map.entry(6, "ABRT"),
          Map.entry(8, "FPE"),
          Map.entry(9, "KILL"),
          Map.entry(10, "USR1"),
          Map.entry(11, "SEGV"),
          Map.entry(12, "USR2"),
          Map.entry(13, "PIPE"),
          Map.entry(14, "ALRM"),
          Map.entry(15, "TERM"));

  private final Map<String, String> accepted = new ConcurrentHashMap<>();
  private volatile boolean terminal;
  private volatile OptionalInt signal = OptionalInt.empty();

  /**
   * Returns the accepted variables of the client, which are complete when the command is started.
   */
  public Map<String, String> accepted() {
    return Map.copyOf(accepted);
  }

  /** Whether the client requested a terminal. */
  boolean hasTerminal() {
    return terminal;
  }

  /** Records the signal that ended the command. Must be called before the end is reported. */
  void endedBySignal(int number) {
    signal = OptionalInt.of(number);
  }

  @Override
  protected RequestHandler.Result handleEnvParsed(String name, String value) throws IOException {
    if (!ACCEPTED.matcher(name).matches() || value.indexOf('\0') >= 0) {
      return RequestHandler.Result.ReplyFailure;
    }
    accepted.put(name, value);
    return RequestHandler.Result.ReplySuccess;
  }

  @Override
  protected RequestHandler.Result handlePtyReqParsed(
      String term, int columns, int rows, int width, int height, Map<PtyMode, Integer> modes)
      throws IOException {
    terminal = true;
    return super.handlePtyReqParsed(term, columns, rows, width, height, modes);
  }

  @Override
  protected void sendExitStatus(int status) throws IOException {
    String name = signal.isPresent() ? SIGNALS.get(signal.getAsInt()) : null;
    if (name == null) {
      super.sendExitStatus(status);
      return;
    }
    Buffer buffer = getSession().createBuffer(SshConstants.SSH_MSG_CHANNEL_REQUEST);
    buffer.putUInt(getRecipient());
    buffer.putString("exit-signal");
    buffer.putBoolean(false);
    buffer.putString(name);
    buffer.putBoolean(false); // core dumped
    buffer.putString(""); // message
    buffer.putString(""); // its language
    writePacket(buffer);
  }
}
