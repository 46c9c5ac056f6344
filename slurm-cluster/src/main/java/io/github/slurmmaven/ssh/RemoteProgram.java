/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.connection.channel.direct.SessionChannel;
import net.schmizz.sshj.connection.channel.direct.Signal;
import org.jspecify.annotations.Nullable;

/** A program that runs in a channel, and its three streams. */
final class RemoteProgram {

  private static final int BUFFER = 32 * 1024;
  private static final long WINDOW_POLL_MILLIS = 10;

  /** Numbers of signals that are the same on all Linux systems; see signal(7). */
  private static final Map<Signal, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry(Signal.HUP, 1),
          Map.entry(Signal.INT, 2),
          Map.entry(Signal.QUIT, 3),
          Map.entry(Signal.ILL, 4),
          Map.entry(Signal.ABRT, 6),
          Map.entry(Signal.FPE, 8),
          Map.entry(Signal.KILL, 9),
          Map.entry(Signal.USR1, 10),
          Map.entry(Signal.SEGV, 11),
          Map.entry(Signal.USR2, 12),
          Map.entry(Signal.PIPE, 13),
          Map.entry(Signal.ALRM, 14),
          Map.entry(Signal.TERM, 15));

  private final SessionChannel channel;

  /** The failure of a stream on this side. */
  private volatile @Nullable IOException failure;

  RemoteProgram(SessionChannel channel) {
    this.channel = channel;
  }

  /**
   * Passes on bytes in both directions until the program has ended.
   *
   * @return its exit status
   * @throws IOException when the connection is lost
   * @throws UncheckedIOException when one of the three streams fails, which are on this side
   */
  int converse(InputStream in, OutputStream out, OutputStream err)
      throws IOException, InterruptedException {
    Thread input = daemon("ssh-input", () -> send(in));
    Thread errors = daemon("ssh-errors", () -> pass(channel.getErrorStream(), err));
    try {
      pass(channel.getInputStream(), out);
      errors.join();
      IOException failed = failure;
      if (failed != null) {
        throw new UncheckedIOException(failed);
      }
      channel.join();
      return status();
    } catch (IOException | InterruptedException | RuntimeException e) {
      tellToEnd();
      throw e;
    } finally {
      input.interrupt();
    }
  }

  /**
   * Work whose failure is ignored if the other side caused it, because the end of the program shows
   * that.
   */
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static Thread daemon(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The program has ended, or no longer reads, or the connection is lost.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void pass(InputStream remote, OutputStream local) throws IOException {
    byte[] buffer = new byte[BUFFER];
    int count;
    while ((count = remote.read(buffer)) >= 0) {
      try {
        local.write(buffer, 0, count);
        local.flush();
      } catch (IOException e) {
        giveUp(e);
        return;
      }
    }
  }

  private void send(InputStream local) throws IOException, InterruptedException {
    try (OutputStream remote = channel.getOutputStream()) {
      byte[] buffer = new byte[BUFFER];
      int count;
      while ((count = read(local, buffer)) >= 0) {
        send(buffer, count, remote);
      }
    }
  }

  private int read(InputStream local, byte[] buffer) {
    try {
      return local.read(buffer);
    } catch (InterruptedIOException e) {
      return -1;
    } catch (IOException e) {
      giveUp(e);
      return -1;
    }
  }

  /** Stops waiting for the other side. */
  private void giveUp(IOException e) {
    failure = e;
    try {
      channel.getInputStream().close();
      channel.getErrorStream().close();
    } catch (IOException closing) {
      e.addSuppressed(closing);
    }
  }

  /**
   * Sends bytes, without a limit: a program may leave its input unread for hours, and sshj would
   * time out.
   */
  private void send(byte[] bytes, int length, OutputStream remote)
      throws IOException, InterruptedException {
    int sent = 0;
    while (sent < length) {
      long room = channel.getRemoteWinSize();
      if (room > 0) {
        int count = (int) Math.min(room, length - sent);
        remote.write(bytes, sent, count);
        remote.flush();
        sent += count;
      } else {
        TimeUnit.MILLISECONDS.sleep(WINDOW_POLL_MILLIS);
      }
    }
  }

  private int status() throws IOException {
    Integer status = channel.getExitStatus();
    if (status != null) {
      return status;
    }
    Signal signal = channel.getExitSignal();
    if (signal == null) {
      throw new IOException("the server did not say how it ended");
    }
    return 128 + NUMBERS.getOrDefault(signal, 0);
  }

  /**
   * Signals the program to end. Without a terminal, the end of the connection alone would not end
   * it.
   */
  private void tellToEnd() {
    boolean interrupted = Thread.interrupted();
    try {
      channel.signal(Signal.TERM);
    } catch (IOException e) {
      // The connection is lost, which the server notices, too.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
