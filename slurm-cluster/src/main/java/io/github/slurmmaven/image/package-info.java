/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The cluster's own image: build context and what is fetched for it, tag by content, pull or build.
 * Uses {@code digest}, {@code engine}, {@code report}, {@code resource} and {@code spec}.
 */
@NullMarked
package io.github.slurmmaven.image;

import org.jspecify.annotations.NullMarked;
