/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.sshd.server.Environment;

/** The input of a command on a terminal, in the format of slurm-pty (pty.c). */
final class TerminalInput {

  private static final int HEAD = 5;
  private static final int SIZE = 8;
  private static final int CHUNK = 8 * 1024;

  private final OutputStream stream;

  TerminalInput(OutputStream stream) {
    this.stream = stream;
  }

  /** Passes on the user's input. Its end does not end the command, which may write more. */
  void type(InputStream typed) {
    byte[] frame = new byte[HEAD + CHUNK];
    try {
      for (int length = typed.read(frame, HEAD, CHUNK);
          length >= 0;
          length = typed.read(frame, HEAD, CHUNK)) {
        ByteBuffer.wrap(frame).put((byte) 'd').putInt(length);
        send(frame, HEAD + length);
      }
    } catch (IOException e) {
      // The command has ended.
      return;
    }
  }

  /** Sets the terminal's size to the client's window size. */
  void resize(Environment environment) {
    ByteBuffer frame = ByteBuffer.allocate(HEAD + SIZE);
    frame.put((byte) 'w').putInt(SIZE);
    frame.putInt(number(environment, Environment.ENV_LINES));
    frame.putInt(number(environment, Environment.ENV_COLUMNS));
    try {
      send(frame.array(), HEAD + SIZE);
    } catch (IOException e) {
      // The command has ended.
      return;
    }
  }

  private synchronized void send(byte[] frame, int length) throws IOException {
    stream.write(frame, 0, length);
    stream.flush();
  }

  private static int number(Environment environment, String name) {
    return Integer.parseInt(environment.getEnv().getOrDefault(name, "0"));
  }
}
