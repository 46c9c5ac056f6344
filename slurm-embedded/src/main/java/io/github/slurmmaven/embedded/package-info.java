/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The SSH server of an embedded cluster, a small process of its own; the mock's server shares its
 * {@link io.github.slurmmaven.embedded.JavaCryptography}. Uses nothing of ours.
 */
@NullMarked
package io.github.slurmmaven.embedded;

import org.jspecify.annotations.NullMarked;
