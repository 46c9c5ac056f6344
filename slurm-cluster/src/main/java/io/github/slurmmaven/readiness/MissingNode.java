/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.slurm.NodeState;
import java.util.Arrays;
import java.util.List;

/**
 * A node that does not work yet.
 *
 * @param name name
 * @param state its state in slurmctld
 * @param registered whether its slurmd has registered, which the state {@code idle} alone does not
 *     show
 */
record MissingNode(String name, NodeState state, boolean registered) {

  private static final String NO_VERSION = "N/A";

  /** Reads the output of {@code await-slurm.sh}: {@code NAME STATE VERSION,...}. */
  static List<MissingNode> list(String text) {
    return Arrays.stream(text.split(","))
        .map(node -> node.split(" "))
        .filter(words -> words.length == 3)
        .map(
            words ->
                new MissingNode(words[0], NodeState.of(words[1]), !words[2].equals(NO_VERSION)))
        .toList();
  }

  /** Returns the node for messages: {@code n1 down*}. */
  @Override
  public String toString() {
    return name + " " + state + (state.isWell() && !registered ? " (not registered)" : "");
  }
}
