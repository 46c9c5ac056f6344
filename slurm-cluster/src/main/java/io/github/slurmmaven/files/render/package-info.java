/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Velocity templates to slurm.conf, gres.conf, cgroup.conf, plugstack.conf, enroot.conf,
 * docker-compose.yml and .env. Uses {@code client}, {@code common}, {@code definition} and {@code
 * resource}.
 */
@NullMarked
package io.github.slurmmaven.files.render;

import org.jspecify.annotations.NullMarked;
