/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A Compose project read back from disk: the part of the <a
 * href="https://github.com/compose-spec/compose-spec/blob/main/spec.md">Compose specification</a>
 * that is run. Pure data; knows nothing of engines. Uses {@code client} and {@code common}.
 */
@NullMarked
package io.github.slurmmaven.compose;

import org.jspecify.annotations.NullMarked;
