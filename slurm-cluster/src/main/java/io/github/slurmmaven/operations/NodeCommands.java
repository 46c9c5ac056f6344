/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.slurm.CommandRunner;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Slurm's commands on one node of a cluster. */
public record NodeCommands(NodeAccess nodeAccess, ClusterId id, String node)
    implements CommandRunner {

  @Override
  public CommandResult run(
      String user, List<String> command, Consumer<String> lines, Duration timeout) {
    return nodeAccess.run(id, node, user, command, lines, timeout);
  }
}
