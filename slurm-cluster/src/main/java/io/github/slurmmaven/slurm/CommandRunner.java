/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.CommandResult;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Runs commands on the cluster's controller. */
@FunctionalInterface
public interface CommandRunner {

  /**
   * Runs a command and waits for it.
   *
   * @param user account to run it as
   * @param lines receives standard output as it is written
   * @throws io.github.slurmmaven.client.SlurmClusterException when the command cannot be run or
   *     does not end in time
   */
  CommandResult run(String user, List<String> command, Consumer<String> lines, Duration timeout);
}
