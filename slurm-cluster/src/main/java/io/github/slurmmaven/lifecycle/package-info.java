/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Create, start, roll-back, stop and destroy; who owns a cluster, which backend it gets, and what
 * is removed after a build that was killed. The one package that knows every backend.
 */
@NullMarked
package io.github.slurmmaven.lifecycle;

import org.jspecify.annotations.NullMarked;
