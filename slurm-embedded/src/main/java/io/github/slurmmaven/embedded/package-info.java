/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The SSH server of an embedded cluster, which is a process of its own. The mock's server shares
 * its {@link io.github.slurmmaven.embedded.JavaCryptography}. Uses no other package of this
 * project.
 */
@NullMarked
package io.github.slurmmaven.embedded;

import org.jspecify.annotations.NullMarked;
