/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Probes, the wait for a usable cluster, and the diagnosis when it does not come. Uses {@code
 * backend}, {@code report}, {@code resource}, {@code spec} and {@code ssh}.
 */
@NullMarked
package io.github.slurmmaven.readiness;

import org.jspecify.annotations.NullMarked;
