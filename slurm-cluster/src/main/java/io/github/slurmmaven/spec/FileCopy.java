/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

/**
 * A file or directory of the host that is copied into nodes once the cluster is up, before {@link
 * SetupStep} runs.
 *
 * @param source absolute path of the host
 * @param target absolute path on the nodes
 * @param on {@code all}, a role or a node's name
 */
public record FileCopy(String source, String target, String on) {

  /** Whether the file is for a node. */
  public boolean appliesTo(NodeSpec node) {
    return new SetupStep("", on).appliesTo(node);
  }
}
