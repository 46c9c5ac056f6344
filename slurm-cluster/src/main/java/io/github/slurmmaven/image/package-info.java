/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The cluster's image: build context and downloads, tag by content, pull or build. Uses {@code
 * client}, {@code common}, {@code definition}, {@code engine} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.image;

import org.jspecify.annotations.NullMarked;
