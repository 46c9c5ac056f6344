/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The ports of a {@link io.github.slurmmaven.backend.ClusterBackend}, through which the rest of the
 * core reaches a cluster, and code that its implementations share. Uses {@code client}, {@code
 * common}, {@code definition}, {@code files} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.backend;

import org.jspecify.annotations.NullMarked;
