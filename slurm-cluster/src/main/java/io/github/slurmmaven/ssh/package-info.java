/* SPDX-License-Identifier: Apache-2.0 */
/** Keys, known_hosts and ssh_config of a cluster, and the look at its SSH port. Uses nothing. */
@NullMarked
package io.github.slurmmaven.ssh;

import org.jspecify.annotations.NullMarked;
