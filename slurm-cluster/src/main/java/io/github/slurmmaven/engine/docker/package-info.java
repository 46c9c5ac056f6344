/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The container engine port on docker-java; the only package that imports it. Uses {@code engine},
 * {@code engine.endpoint} and {@code report}.
 */
@NullMarked
package io.github.slurmmaven.engine.docker;

import org.jspecify.annotations.NullMarked;
