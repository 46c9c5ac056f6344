/* SPDX-License-Identifier: Apache-2.0 */
/** Measurements, run by {@code scripts/benchmark.sh}; no tests. */
@NullMarked
package io.github.slurmmaven.benchmark;

import org.jspecify.annotations.NullMarked;
