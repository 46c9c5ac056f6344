/* SPDX-License-Identifier: Apache-2.0 */
/** What a test needs to reach the cluster, and how it is found. Uses only {@code report}. */
@NullMarked
package io.github.slurmmaven.connection;

import org.jspecify.annotations.NullMarked;
