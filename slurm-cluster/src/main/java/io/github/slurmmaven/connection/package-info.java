/* SPDX-License-Identifier: Apache-2.0 */
/** What a test needs to reach the cluster, as properties. Uses nothing. */
@NullMarked
package io.github.slurmmaven.connection;

import org.jspecify.annotations.NullMarked;
