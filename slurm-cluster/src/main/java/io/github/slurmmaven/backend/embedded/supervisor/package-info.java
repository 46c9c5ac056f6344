/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The parent of all of a cluster's processes, and the user who owns them. Uses {@code
 * backend.embedded.bundle} and {@code client}.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded.supervisor;

import org.jspecify.annotations.NullMarked;
