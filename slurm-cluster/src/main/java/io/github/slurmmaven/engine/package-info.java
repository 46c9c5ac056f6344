/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The port {@link io.github.slurmmaven.engine.ContainerEngine} and its value types. Uses {@code
 * client}, {@code common} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.engine;

import org.jspecify.annotations.NullMarked;
