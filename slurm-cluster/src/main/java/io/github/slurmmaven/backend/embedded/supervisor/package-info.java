/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The process that is the parent of all of a cluster's processes, and whose processes they are.
 * Uses {@code backend.embedded.bundle} and {@code client}.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded.supervisor;

import org.jspecify.annotations.NullMarked;
