/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The login to a cluster over SSH; the only package that imports sshj. Uses {@code client}, {@code
 * common} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.ssh;

import org.jspecify.annotations.NullMarked;
