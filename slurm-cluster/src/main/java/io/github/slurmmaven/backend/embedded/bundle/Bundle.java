/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import java.nio.file.Path;

/**
 * Slurm's and Munge's programs, unpacked and ready to run from where they are.
 *
 * @param root absolute path of the directory that holds it
 * @param release the release line of Slurm, for example {@code 24.11}
 * @param version the version of Slurm, for example {@code 24.11.5}
 */
public record Bundle(Path root, String release, String version) {

  /** The directory of the programs, to be put on the search path of those who use the cluster. */
  public Path programs() {
    return root.resolve("bin");
  }

  /** A program of Slurm or Munge, daemon or command, for example {@code slurmctld}. */
  public Path program(String name) {
    return programs().resolve(name);
  }

  /** A program of ours that is not for users, for example {@code slurm-supervisor}. */
  public Path libexec(String name) {
    return root.resolve("libexec").resolve(name);
  }

  /** What {@code PluginDir} of {@code slurm.conf} has to be. */
  public Path plugins() {
    return root.resolve("lib/slurm");
  }
}
