/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A cluster as a Compose project on a container engine. Uses {@code backend}, {@code compose},
 * {@code engine}, {@code image}, {@code render}, {@code report} and {@code spec}.
 */
@NullMarked
package io.github.slurmmaven.backend.container;

import org.jspecify.annotations.NullMarked;
