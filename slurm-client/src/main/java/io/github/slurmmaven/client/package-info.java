/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a test holds in its hand: the connection to a cluster, jobs and their states, keys, the two
 * kinds of failure, and the callback for progress. Uses nothing.
 */
@NullMarked
package io.github.slurmmaven.client;

import org.jspecify.annotations.NullMarked;
