/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.OptionalInt;

/**
 * Access to the cluster by SSH.
 *
 * @param port requested port of the host, 0 for any free one; empty for the default or the next
 *     free port
 * @param bindAddress address of the host that published ports bind
 * @param passwordLogin whether the user {@code slurm} may log in with the password {@code slurm}
 */
public record SshDefinition(OptionalInt port, String bindAddress, boolean passwordLogin) {

  /** Port of the SSH server in a container. */
  public static final int CONTAINER_PORT = 22;

  /** The default port. */
  public static final int DEFAULT_PORT = 2222;

  /** The account that tests log in with. */
  public static final String USER = "slurm";

  /**
   * Its home directory in containers. Without containers, this path stands for the cluster's home.
   */
  public static final String HOME = "/home/slurm";

  /** Its documented password, which is not a secret: the port binds loopback only. */
  public static final String PASSWORD = "slurm";
}
