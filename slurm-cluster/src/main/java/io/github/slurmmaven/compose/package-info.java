/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads a Compose project from disk: the supported part of the <a
 * href="https://github.com/compose-spec/compose-spec/blob/main/spec.md">Compose specification</a>.
 * Pure data, independent of engines. Uses {@code client} and {@code common}.
 */
@NullMarked
package io.github.slurmmaven.compose;

import org.jspecify.annotations.NullMarked;
