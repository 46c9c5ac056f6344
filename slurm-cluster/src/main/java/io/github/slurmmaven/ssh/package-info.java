/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Keys, known_hosts and ssh_config of a cluster, the look at its SSH port, and the login to it.
 * Uses {@code connection}, {@code report} and {@code terminal}; nothing else knows sshj.
 */
@NullMarked
package io.github.slurmmaven.ssh;

import org.jspecify.annotations.NullMarked;
