/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A cluster as a Compose project on a container engine. Uses {@code backend}, {@code compose},
 * {@code digest}, {@code engine}, {@code image}, {@code render}, {@code report}, {@code resource},
 * {@code spec} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.backend.container;

import org.jspecify.annotations.NullMarked;
