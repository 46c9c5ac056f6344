/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.OptionalInt;

/**
 * Slurm's REST API: slurmrestd, which takes tokens that are signed with the cluster's own key.
 *
 * @param port port of the host that was asked for, 0 for any free one; empty for the default, which
 *     gives way to the next free port when it is taken
 */
public record RestDefinition(OptionalInt port) {

  /** The default port of the host, and always the port in a container. */
  public static final int DEFAULT_PORT = 6820;
}
