/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.Connection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An SSH server that is read as a site's login node is, with this machine's ssh, but with the
 * server's key and host key instead of the configuration of the user who runs the tests.
 *
 * @param server where the server is, and its host key
 * @param knownHosts file with the host keys that ssh accepts
 */
public record LoginNode(Connection server, Path knownHosts) {

  private static final Path SSH = Path.of("/usr/bin/ssh");

  /** A server whose host key is known. */
  public static LoginNode of(Connection server) {
    return new LoginNode(server, server.sshKnownHosts());
  }

  /** Whether this machine has OpenSSH's client. */
  public static boolean hasSsh() {
    return Files.isExecutable(SSH);
  }

  /** The server as {@code slurm:init -Dslurm.site} names it. */
  public String name(String user) {
    return "%s@%s:%d".formatted(user, server.sshHost(), server.sshPort());
  }

  /**
   * Reads the site.
   *
   * @param user the user who logs in
   * @param directory where the outputs go
   */
  public SiteLogin.Outputs read(String user, Path directory) {
    return SiteLogin.of(name(user))
        .orElseThrow()
        .read(
            directory,
            List.of(
                SSH.toString(),
                "-F",
                "/dev/null",
                "-i",
                server.sshPrivateKey().toString(),
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "UserKnownHostsFile=" + knownHosts,
                // ssh takes the first of two: a host that sends nothing is given up soon.
                "-o",
                "ConnectTimeout=2"));
  }
}
