/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A twin of a site's cluster: {@link io.github.slurmmaven.site.SiteTwin} makes a definition from
 * the site's slurm.conf, or from scontrol's output, and reports the differences; {@link
 * io.github.slurmmaven.site.SiteLogin} reads that output from a login node. Uses {@code client},
 * {@code definition} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.site;

import org.jspecify.annotations.NullMarked;
