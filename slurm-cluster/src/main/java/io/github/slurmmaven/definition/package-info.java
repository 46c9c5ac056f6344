/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a cluster is: {@link io.github.slurmmaven.definition.ClusterDefinition} and its parts,
 * presets, validation, and their form as a document. Uses {@code client}, {@code definition.yaml}
 * and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.definition;

import org.jspecify.annotations.NullMarked;
