/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.slurm.NodeState;
import java.util.Arrays;
import java.util.List;

/**
 * A node that does not work yet.
 *
 * @param name name
 * @param state what slurmctld says of it
 * @param registered whether its slurmd has reported for duty, which a state of {@code idle} alone
 *     does not show
 */
record MissingNode(String name, NodeState state, boolean registered) {

  private static final String NO_VERSION = "N/A";

  /** Reads the list that {@code await-slurm.sh} prints: {@code NAME STATE VERSION,...}. */
  static List<MissingNode> list(String text) {
    return Arrays.stream(text.split(","))
        .map(node -> node.split(" "))
        .filter(words -> words.length == 3)
        .map(
            words ->
                new MissingNode(words[0], NodeState.of(words[1]), !words[2].equals(NO_VERSION)))
        .toList();
  }

  /** The node for people: {@code n1 down*}. */
  @Override
  public String toString() {
    return name + " " + state + (state.isWell() && !registered ? " (not registered)" : "");
  }
}
