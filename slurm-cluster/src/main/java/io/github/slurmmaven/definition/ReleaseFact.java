/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What differs between releases of Slurm, of all that a cluster's files say and do.
 *
 * <p>This is the one place for it: templates ask for a fact, never for a version. Each fact was
 * read from the tags of <a href="https://github.com/SchedMD/slurm">Slurm's sources</a> from 22.05
 * to {@link #NEWEST_KNOWN}. A newer release is taken for that one.
 */
public enum ReleaseFact {
  /**
   * cgroup.conf knows {@code CgroupPlugin=disabled}. Before, slurmd always loads a plugin. Source:
   * {@code cgroup_g_init} in src/interfaces/cgroup.c.
   */
  CGROUP_PLUGIN_DISABLED("24.05", null),

  /**
   * Its sources are accepted by GCC 14 and newer, which take for errors what older ones warned of.
   * 24.05 is the first release line that came after GCC 14.
   */
  COMPILED_BY_GCC_14("24.05", null),

  /**
   * slurm.conf's {@code GetEnvTimeout=0} spares slurmd the login that it asks for a job's
   * environment: it reads {@code env_cache}. Before, the login needs no PID namespace, which a
   * container may not make; afterwards there is neither key nor cache, and the image has slurmd
   * make none. Sources: {@code env_array_user_default} in src/common/env.c, {@code
   * slurm_conf_options} in src/common/read_config.c.
   */
  ENVIRONMENT_CACHE("23.11", "25.05");

  /** The newest release line whose sources were read. */
  public static final SlurmVersion NEWEST_KNOWN = SlurmVersion.V26_05;

  private final @Nullable String since;
  private final @Nullable String until;

  /**
   * @param since first release line of which it is true; null when it was true before 22.05
   * @param until first release line of which it is true no more; null when it still is
   */
  ReleaseFact(@Nullable String since, @Nullable String until) {
    this.since = since;
    this.until = until;
  }

  /** Whether this is true of a version. */
  public boolean isTrueOf(SlurmVersion version) {
    return (since == null || version.compareTo(SlurmVersion.of(since)) >= 0)
        && (until == null || version.compareTo(SlurmVersion.of(until)) < 0);
  }

  /** A warning, when a version is newer than all that is known here. */
  public static Optional<String> warning(SlurmVersion version) {
    return version.year() > NEWEST_KNOWN.year()
            || (version.year() == NEWEST_KNOWN.year() && version.month() > NEWEST_KNOWN.month())
        ? Optional.of(
            "Slurm %s is newer than %s, the newest that this version of the plugin knows: the cluster's files are those of %2$s. If a daemon does not take one, look for a newer version of the plugin"
                .formatted(version, NEWEST_KNOWN))
        : Optional.empty();
  }
}
