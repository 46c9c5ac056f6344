/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import java.nio.file.Path;

/**
 * The programs of Slurm and Munge, unpacked and ready to run.
 *
 * @param root absolute path of its directory
 * @param release the release line of Slurm, for example {@code 24.11}
 * @param version the version of Slurm, for example {@code 24.11.5}
 */
public record Bundle(Path root, String release, String version) {

  /** Returns the directory of the programs, which belongs on the PATH of the cluster's users. */
  public Path programs() {
    return root.resolve("bin");
  }

  /** Returns the path of a program of Slurm or Munge, for example {@code slurmctld}. */
  public Path program(String name) {
    return programs().resolve(name);
  }

  /**
   * Returns the path of a program of this project that users do not run, for example {@code
   * slurm-supervisor}.
   */
  public Path libexec(String name) {
    return root.resolve("libexec").resolve(name);
  }

  /** Returns the value of {@code PluginDir} in slurm.conf. */
  public Path plugins() {
    return root.resolve("lib/slurm");
  }
}
