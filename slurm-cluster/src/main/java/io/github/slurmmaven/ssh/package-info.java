/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The look at a cluster's SSH port and the login to it; the only package that imports sshj. Uses
 * {@code client}, {@code common} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.ssh;

import org.jspecify.annotations.NullMarked;
