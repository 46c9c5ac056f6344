/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.terminal.Terminal;
import io.github.slurmmaven.terminal.Terminal.Size;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A command on a pseudo-terminal, made by slurm-pty, whose input is the frames of pty.c. */
final class TerminalSession {

  private static final int HEAD = 5;
  private static final int SIZE = 8;
  private static final int CHUNK = 8192;

  private final Terminal terminal;
  private final Process process;
  private final OutputStream frames;

  private TerminalSession(Terminal terminal, Process process) {
    this.terminal = terminal;
    this.process = process;
    frames = process.getOutputStream();
  }

  /**
   * Runs a command on the user's terminal.
   *
   * @param launcher path of slurm-pty
   * @return exit status
   */
  static int run(LocalCommand where, Path launcher, List<String> command, Terminal terminal) {
    TreeMap<String, String> environment = new TreeMap<>(where.environment());
    environment.put("TERM", terminal.type());
    Size size = terminal.size();
    List<String> words =
        new ArrayList<>(
            List.of(
                launcher.toString(),
                Long.toString(ProcessHandle.current().pid()),
                "/dev/null",
                "--terminal",
                Integer.toString(size.rows()),
                Integer.toString(size.columns()),
                "",
                "--"));
    words.addAll(command);
    words.set(
        words.size() - command.size(),
        where
            .program(command.get(0))
            .map(Path::toString)
            .orElseThrow(() -> new SlurmClusterException(command.get(0) + ": command not found")));
    Process process = new LocalCommand(where.directory(), environment).start(launcher, words);
    return new TerminalSession(terminal, process).serve();
  }

  private int serve() {
    Thread keys = new Thread(this::type, "slurm-terminal-keys");
    keys.setDaemon(true);
    keys.start();
    terminal.onResize(this::resize);
    try (var screen = process.getInputStream()) {
      byte[] buffer = new byte[CHUNK];
      for (int n = screen.read(buffer); n >= 0; n = screen.read(buffer)) {
        terminal.output().write(buffer, 0, n);
        terminal.output().flush();
      }
      return process.waitFor();
    } catch (IOException e) {
      throw new SlurmClusterException("The terminal's session broke off: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted in a terminal's session", e);
    } finally {
      keys.interrupt();
      // slurm-pty sends SIGHUP to processes that still run there.
      process.destroy();
    }
  }

  private void type() {
    byte[] frame = new byte[HEAD + CHUNK];
    try {
      for (int n = terminal.input().read(frame, HEAD, CHUNK);
          n >= 0;
          n = terminal.input().read(frame, HEAD, CHUNK)) {
        ByteBuffer.wrap(frame).put((byte) 'd').putInt(n);
        send(frame, HEAD + n);
      }
      frames.close();
    } catch (IOException e) {
      // The session has ended.
      return;
    }
  }

  private void resize(Size size) {
    ByteBuffer frame = ByteBuffer.allocate(HEAD + SIZE);
    frame.put((byte) 'w').putInt(SIZE).putInt(size.rows()).putInt(size.columns());
    try {
      send(frame.array(), HEAD + SIZE);
    } catch (IOException e) {
      // The session has ended.
      return;
    }
  }

  private synchronized void send(byte[] frame, int length) throws IOException {
    frames.write(frame, 0, length);
    frames.flush();
  }
}
