/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a cluster is: {@link io.github.slurmmaven.definition.ClusterDefinition} and its parts,
 * presets, validation, and their form in YAML. Uses {@code client} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.definition;

import org.jspecify.annotations.NullMarked;
