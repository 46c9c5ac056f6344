/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

/**
 * One more account, the same on all nodes.
 *
 * @param name user name
 * @param uid user and group id
 */
public record UserDefinition(String name, int uid) {}
