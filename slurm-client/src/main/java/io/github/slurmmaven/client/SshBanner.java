/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Reads the greeting of an SSH server, the first line that it sends (RFC 4253, section 4.2). A
 * cluster's greeting ends with a mark of its host key, so that another server on the same port is
 * not taken for it. This prevents mistakes, not attacks: each login also checks the pinned key.
 */
public final class SshBanner {

  private static final int LONGEST = 255;
  private static final int MARK = 16;

  private SshBanner() {}

  /** Another server answers than the expected one. */
  public static final class OtherServerException extends IOException {
    private static final long serialVersionUID = 1L;

    OtherServerException(String what, String greeting) {
      super("what answers is " + what + ": '" + greeting.replaceAll("[^ -~]", "?") + "'");
    }
  }

  /**
   * Connects, and checks that the server with a certain host key greets.
   *
   * @param hostKey type and key, as in known_hosts
   * @throws OtherServerException if something other than an SSH server answers, or another SSH
   *     server
   * @throws IOException if nothing listens, or nothing is sent
   */
  public static void expect(String host, int port, Duration timeout, String hostKey)
      throws IOException {
    String greeting = read(host, port, timeout);
    // slurm-entrypoint and the SSH server of slurm-embedded write this mark.
    if (!greeting.endsWith(" key:" + hostKey.substring(hostKey.length() - MARK))) {
      throw new OtherServerException("another SSH server", greeting);
    }
  }

  /**
   * Connects and reads the greeting.
   *
   * @return the line, for example {@code SSH-2.0-OpenSSH_9.2p1 Debian-2}
   * @throws OtherServerException if something other than an SSH server answers
   * @throws IOException if nothing listens, or nothing is sent
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
            : new OtherServerException("not an SSH server", greeting);
      }
      return greeting;
    }
  }

  private static int millisUntil(long deadline) throws SocketTimeoutException {
    long nanos = deadline - System.nanoTime();
    if (nanos <= 0) {
      throw new SocketTimeoutException("no complete greeting in time");
    }
    return Math.toIntExact(Math.max(1, nanos / 1_000_000));
  }
}
