/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Implements the container engine port with docker-java; the only package that imports it. Uses
 * {@code client}, {@code common}, {@code engine}, {@code engine.endpoint} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.engine.docker;

import org.jspecify.annotations.NullMarked;
