/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.OptionalInt;

/**
 * Slurm's REST API: slurmrestd, which accepts tokens that are signed with the cluster's own key.
 *
 * @param port requested port of the host, 0 for any free one; empty for the default or the next
 *     free port
 */
public record RestDefinition(OptionalInt port) {

  /** The default port of the host, and always the port in a container. */
  public static final int DEFAULT_PORT = 6820;
}
