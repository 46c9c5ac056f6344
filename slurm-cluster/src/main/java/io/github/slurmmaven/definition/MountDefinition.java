/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

/**
 * A directory or file of the host that all nodes see.
 *
 * @param source absolute path of the host
 * @param target absolute path on the nodes
 * @param readOnly whether the nodes cannot write to it
 */
public record MountDefinition(String source, String target, boolean readOnly) {}
