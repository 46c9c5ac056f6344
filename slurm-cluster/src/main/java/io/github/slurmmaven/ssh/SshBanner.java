/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** The greeting of an SSH server, the first line it sends (RFC 4253, section 4.2). */
public final class SshBanner {

  private static final int LONGEST = 255;

  private SshBanner() {}

  /** What answers speaks, but not SSH. */
  public static final class OtherServerException extends IOException {
    private static final long serialVersionUID = 1L;

    OtherServerException(String greeting) {
      super("what answers is no SSH server: '" + greeting.replaceAll("[^ -~]", "?") + "'");
    }
  }

  /**
   * Connects and reads the greeting.
   *
   * @return the line, for example {@code SSH-2.0-OpenSSH_9.2p1 Debian-2}
   * @throws OtherServerException when what answers is no SSH server
   * @throws IOException when nobody listens, or says nothing
   */
  public static String read(String host, int port, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), millisUntil(deadline));
      InputStream in = socket.getInputStream();
      StringBuilder line = new StringBuilder();
      int next;
      do {
        socket.setSoTimeout(millisUntil(deadline));
        next = in.read();
        if (next >= 0) {
          line.append((char) next);
        }
      } while (next >= 0 && next != '\n' && line.length() < LONGEST);
      String greeting = line.toString().strip();
      if (!greeting.startsWith("SSH-")) {
        throw greeting.isEmpty()
            ? new IOException("the connection was closed without a greeting")
            : new OtherServerException(greeting);
      }
      return greeting;
    }
  }

  private static int millisUntil(long deadline) throws SocketTimeoutException {
    long nanos = deadline - System.nanoTime();
    if (nanos <= 0) {
      throw new SocketTimeoutException("no whole greeting in time");
    }
    return Math.toIntExact(Math.max(1, nanos / 1_000_000));
  }
}
