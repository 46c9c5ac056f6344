/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes the files and the command with which OpenSSH's own programs reach a cluster. */
public final class SshFiles {

  private static final Pattern ESCAPED = Pattern.compile("\"|\\\\(?=[\"'\\\\])");

  /** Characters that mean only themselves in every shell. */
  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_@%+=:,./-]+");

  private SshFiles() {}

  /**
   * Returns a known_hosts file that pins the cluster's host keys.
   *
   * @param publicKeys type and key of each
   */
  public static String knownHosts(String host, int port, List<String> publicKeys) {
    String address = port == 22 ? host : "[" + host + "]:" + port;
    return publicKeys.stream()
        .map(publicKey -> address + " " + publicKey + "\n")
        .collect(Collectors.joining());
  }

  /**
   * Returns one host of an ssh_config; see ssh_config(5).
   *
   * @param aliases its names, separated by spaces
   */
  public static String config(
      String aliases, String host, int port, String user, Path privateKey, Path knownHosts) {
    return """
        Host %s
          HostName %s
          Port %d
          User %s
          IdentityFile "%s"
          IdentitiesOnly yes
          UserKnownHostsFile "%s"
          StrictHostKeyChecking yes
          LogLevel ERROR
        """
        .formatted(aliases, host, port, user, literally(privateKey), literally(knownHosts));
  }

  /**
   * Returns the command line that opens a shell through the host {@code slurm} of an ssh_config,
   * quoted for a shell.
   */
  public static String command(Path config) {
    String path = config.toString();
    return "ssh -F %s slurm"
        .formatted(PLAIN.matcher(path).matches() ? path : "'" + path.replace("'", "'\\''") + "'");
  }

  /**
   * Escapes a path for use within quotes. A percent sign begins a token there, see TOKENS in
   * ssh_config(5), and a backslash escapes the character after it.
   */
  private static String literally(Path file) {
    return ESCAPED.matcher(file.toString().replace("%", "%%")).replaceAll("\\\\$0");
  }
}
