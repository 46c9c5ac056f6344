/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

/**
 * A command that runs on nodes once the cluster is up.
 *
 * @param run text for {@code bash}, run as root
 * @param on {@code all}, a role or a node's name
 */
public record SetupStep(String run, String on) {

  /** Every node. */
  public static final String ALL = "all";

  /** Whether the step is for a node. */
  public boolean appliesTo(NodeDefinition node) {
    return on.equals(ALL) || on.equals(node.role().id()) || on.equals(node.name());
  }
}
