/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is told to people: the two kinds of failure, the progress of a long step, and lines of
 * output. Uses nothing.
 */
@NullMarked
package io.github.slurmmaven.report;

import org.jspecify.annotations.NullMarked;
