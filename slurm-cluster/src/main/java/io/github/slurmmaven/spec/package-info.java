/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a cluster is: {@link io.github.slurmmaven.spec.ClusterSpec} and its parts, presets,
 * validation. Uses {@code report} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.spec;

import org.jspecify.annotations.NullMarked;
