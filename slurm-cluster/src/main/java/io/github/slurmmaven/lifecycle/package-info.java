/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Creates, starts, rolls back, stops and destroys clusters; ownership, the choice of a backend, and
 * the removal of clusters of killed builds. The only package that uses every backend.
 */
@NullMarked
package io.github.slurmmaven.lifecycle;

import org.jspecify.annotations.NullMarked;
