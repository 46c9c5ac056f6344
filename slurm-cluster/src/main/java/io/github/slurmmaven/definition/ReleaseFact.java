/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The differences between releases of Slurm that matter to a cluster's files.
 *
 * <p>This is the only place for them: templates and code use a fact, and never compare versions.
 * Each fact was read from the tags of <a href="https://github.com/SchedMD/slurm">Slurm's
 * sources</a> from 22.05 to {@link #NEWEST_KNOWN}. A newer release is treated like that one.
 */
public enum ReleaseFact {
  /**
   * cgroup.conf supports {@code CgroupPlugin=disabled}. Earlier releases of slurmd always load a
   * plugin. Source: {@code cgroup_g_init} in src/interfaces/cgroup.c.
   */
  CGROUP_PLUGIN_DISABLED("24.05", null),

  /**
   * GCC 14 and newer, which turn some warnings of older ones into errors, compile its sources.
   * 24.05 is the first release line that came after GCC 14.
   */
  COMPILED_BY_GCC_14("24.05", null),

  /**
   * With {@code GetEnvTimeout=0} in slurm.conf, slurmd reads a job's environment from {@code
   * env_cache} instead of from a login. In these releases, that login needs a PID namespace, which
   * a container may not create. In earlier ones it needs none. Later ones have neither the key nor
   * the cache; the image makes their slurmd use no namespace. Sources: {@code
   * env_array_user_default} in src/common/env.c, {@code slurm_conf_options} in
   * src/common/read_config.c.
   */
  ENVIRONMENT_CACHE("23.11", "25.05");

  /** The newest release line whose sources were read. */
  public static final SlurmVersion NEWEST_KNOWN = SlurmVersion.V26_05;

  private final @Nullable String since;
  private final @Nullable String until;

  /**
   * @param since first release line for which it is true; null if it was true before 22.05
   * @param until first later release line for which it is false; null if it is still true
   */
  ReleaseFact(@Nullable String since, @Nullable String until) {
    this.since = since;
    this.until = until;
  }

  /** Whether this is true for a version. */
  public boolean isTrueOf(SlurmVersion version) {
    return (since == null || version.compareTo(SlurmVersion.of(since)) >= 0)
        && (until == null || version.compareTo(SlurmVersion.of(until)) < 0);
  }

  /** Returns a warning if a version is newer than {@link #NEWEST_KNOWN}. */
  public static Optional<String> warning(SlurmVersion version) {
    return version.year() > NEWEST_KNOWN.year()
            || (version.year() == NEWEST_KNOWN.year() && version.month() > NEWEST_KNOWN.month())
        ? Optional.of(
            "Slurm %s is newer than %s, the newest that this version of the plugin knows: the cluster's files are rendered as for %2$s. If a daemon rejects one, use a newer version of the plugin"
                .formatted(version, NEWEST_KNOWN))
        : Optional.empty();
  }
}
