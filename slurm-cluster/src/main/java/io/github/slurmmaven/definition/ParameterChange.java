/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One parameter that was given.
 *
 * @param parameter its name
 * @param value its value
 * @param change what it makes of a cluster
 * @param existing what a cluster has instead, in words
 */
record ParameterChange(
    String parameter,
    Object value,
    UnaryOperator<ClusterDefinition> change,
    Function<ClusterDefinition, Object> existing) {

  /** A port of a cluster, in words. */
  static Object words(java.util.OptionalInt port) {
    return port.isPresent() ? port.getAsInt() : "the default";
  }
}
