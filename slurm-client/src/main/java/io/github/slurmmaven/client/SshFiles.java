/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The texts with which OpenSSH's own programs reach a cluster. */
public final class SshFiles {

  private static final Pattern ESCAPED = Pattern.compile("\"|\\\\(?=[\"'\\\\])");

  /** What no shell takes for anything else. */
  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_@%+=:,./-]+");

  private SshFiles() {}

  /**
   * A known_hosts file that pins the cluster's host keys.
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
   * One host of an ssh_config; see ssh_config(5).
   *
   * @param aliases names that it goes by, separated by spaces
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
   * The command line that opens a shell by the host {@code slurm} of an ssh_config, to be pasted
   * into a shell.
   */
  public static String command(Path config) {
    String path = config.toString();
    return "ssh -F %s slurm"
        .formatted(PLAIN.matcher(path).matches() ? path : "'" + path.replace("'", "'\\''") + "'");
  }

  /**
   * Within quotes. A percent sign begins a token there, see TOKENS in ssh_config(5), and a
   * backslash counts before what it may take the meaning from.
   */
  private static String literally(Path file) {
    return ESCAPED.matcher(file.toString().replace("%", "%%")).replaceAll("\\\\$0");
  }
}
