/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A given parameter.
 *
 * @param parameter its name
 * @param value its value
 * @param change how it changes a definition
 * @param existing describes the value of an existing cluster
 */
record ParameterChange(
    String parameter,
    Object value,
    UnaryOperator<ClusterDefinition> change,
    Function<ClusterDefinition, Object> existing) {

  /** Describes a port of a cluster. */
  static Object words(java.util.OptionalInt port) {
    return port.isPresent() ? port.getAsInt() : "the default";
  }
}
