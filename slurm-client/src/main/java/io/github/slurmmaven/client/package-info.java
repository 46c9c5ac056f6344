/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a test uses directly: the connection to a cluster, jobs and their states, keys, the two
 * kinds of failure, and the callback for progress. Uses no other package.
 */
@NullMarked
package io.github.slurmmaven.client;

import org.jspecify.annotations.NullMarked;
