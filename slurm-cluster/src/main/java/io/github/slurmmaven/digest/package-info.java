/* SPDX-License-Identifier: Apache-2.0 */
/** What identifies content. Uses nothing. */
@NullMarked
package io.github.slurmmaven.digest;

import org.jspecify.annotations.NullMarked;
