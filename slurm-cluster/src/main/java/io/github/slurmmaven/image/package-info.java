/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The cluster's own image: build context and what is fetched for it, tag by content, pull or build.
 * Uses {@code client}, {@code common}, {@code definition}, {@code engine} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.image;

import org.jspecify.annotations.NullMarked;
