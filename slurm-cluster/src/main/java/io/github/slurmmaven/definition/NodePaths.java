/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Map;
import java.util.Optional;

/** Paths of a node that belong to the cluster. */
public final class NodePaths {

  /** Slurm's configuration, which is the cluster's {@code config} directory. */
  public static final String CONFIGURATION = "/etc/slurm";

  /** Directory of {@link #CONFIGURATION} with the scripts that are rendered. */
  public static final String SCRIPTS = "slurm-maven";

  /** Name of the library that programs of jobs load where jobClock is set. */
  public static final String JOB_CLOCK_LIBRARY = "libjobclock.so";

  /** Keys of the cluster. */
  private static final String SECRETS = "/run/slurm-cluster";

  private static final String LEAVE_OUT = "leave it out";

  /**
   * The files that are rendered into {@link #CONFIGURATION}, and what to do instead of replacing
   * them.
   */
  private static final Map<String, String> RENDERED =
      Map.ofEntries(
          Map.entry("slurm.conf", "use slurm_conf (slurmConf in a POM) for lines of slurm.conf"),
          Map.entry(
              "cgroup.conf", "use cgroup_conf (cgroupConf in a POM) for lines of cgroup.conf"),
          Map.entry(
              "gres.conf",
              "give nodes their gpus, or edit config/gres.conf in the cluster's directory"),
          Map.entry(
              "plugstack.conf",
              "put its lines into a file of their own in plugstack.conf.d, whose name ends in .conf"),
          Map.entry("slurmdbd.conf", "edit config/slurmdbd.conf in the cluster's directory"),
          Map.entry("sacctmgr.txt", "use accounts, qos and users"),
          Map.entry("enroot.conf", "edit config/enroot.conf in the cluster's directory"),
          Map.entry("seccomp-pyxis.json", LEAVE_OUT),
          Map.entry("clock", LEAVE_OUT),
          Map.entry("fakegpus", LEAVE_OUT),
          Map.entry(SCRIPTS, LEAVE_OUT));

  private NodePaths() {}

  /**
   * Returns a path relative to a directory: the empty text when it is that directory, empty when it
   * is elsewhere.
   */
  static Optional<String> below(String directory, String path) {
    String plain = path.replaceAll("/+", "/").replaceAll("/$", "");
    if (plain.equals(directory)) {
      return Optional.of("");
    }
    return plain.startsWith(directory + "/")
        ? Optional.of(plain.substring(directory.length() + 1))
        : Optional.empty();
  }

  /** Whether a path cannot be a mount point, because it is in a read-only mount of the cluster. */
  static boolean isMountedByUs(String path) {
    return below(CONFIGURATION, path).isPresent() || below(SECRETS, path).isPresent();
  }

  /**
   * Returns why the user cannot copy a file below {@link #CONFIGURATION}, and what to do instead;
   * empty when it is allowed.
   */
  static Optional<String> conflict(String configurationFile) {
    return Optional.ofNullable(RENDERED.get(configurationFile.split("/", 2)[0]))
        .map(
            instead ->
                "cannot replace %s, which is made from the cluster's definition: %s"
                    .formatted(configurationFile, instead));
  }
}
