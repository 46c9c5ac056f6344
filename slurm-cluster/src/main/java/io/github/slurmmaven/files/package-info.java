/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Everything that a cluster has on disk: rendered files and their digests, secrets, connection
 * files, the lock. Uses {@code client}, {@code common}, {@code compose} and {@code definition}.
 */
@NullMarked
package io.github.slurmmaven.files;

import org.jspecify.annotations.NullMarked;
