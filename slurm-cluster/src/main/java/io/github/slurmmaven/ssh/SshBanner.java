/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The greeting of an SSH server, the first line it sends (RFC 4253, section 4.2). */
public final class SshBanner {

  private static final int LONGEST = 255;

  private SshBanner() {}

  /**
   * Connects and reads the greeting.
   *
   * @return the line, for example {@code SSH-2.0-OpenSSH_9.2p1 Debian-2}
   * @throws IOException when nobody listens, or what answers is no SSH server
   */
  public static String read(String host, int port, Duration timeout) throws IOException {
    try (Socket socket = new Socket()) {
      int millis = Math.toIntExact(Math.max(1, timeout.toMillis()));
      socket.connect(new InetSocketAddress(host, port), millis);
      socket.setSoTimeout(millis);
      InputStream in = socket.getInputStream();
      StringBuilder line = new StringBuilder();
      int next;
      while ((next = in.read()) >= 0 && next != '\n' && line.length() < LONGEST) {
        line.append((char) next);
      }
      String greeting = line.toString().strip();
      if (!greeting.startsWith("SSH-")) {
        throw new IOException(
            greeting.isEmpty()
                ? "the connection was closed without a greeting"
                : "what answers is no SSH server: '"
                    + new String(
                        greeting.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII)
                    + "'");
      }
      return greeting;
    }
  }
}
