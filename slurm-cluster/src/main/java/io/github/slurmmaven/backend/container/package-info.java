/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Runs a cluster as a Compose project on a container engine. Uses {@code backend}, {@code client},
 * {@code common}, {@code compose}, {@code definition}, {@code engine}, {@code files.render}, {@code
 * image}, {@code resource} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.backend.container;

import org.jspecify.annotations.NullMarked;
