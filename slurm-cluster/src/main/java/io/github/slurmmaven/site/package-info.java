/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A twin of a site's cluster: {@link io.github.slurmmaven.site.SiteTwin} makes a definition of the
 * site's own slurm.conf, or of what scontrol prints, and reports what of it is not in the twin;
 * {@link io.github.slurmmaven.site.SiteLogin} has a login node print it. Uses {@code client},
 * {@code definition} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.site;

import org.jspecify.annotations.NullMarked;
