/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The port {@link io.github.slurmmaven.backend.ClusterBackend}: all that {@code lifecycle} knows of
 * where a cluster lives; and what the places have in common. Uses {@code digest}, {@code report},
 * {@code spec} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.backend;

import org.jspecify.annotations.NullMarked;
