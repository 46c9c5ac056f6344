/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The model of a cluster: {@link io.github.slurmmaven.definition.ClusterDefinition} and its parts,
 * presets, validation, and documents. Uses {@code client}, {@code definition.yaml} and {@code
 * resource}.
 */
@NullMarked
package io.github.slurmmaven.definition;

import org.jspecify.annotations.NullMarked;
