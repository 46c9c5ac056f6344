/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.nio.file.Path;
import java.util.Optional;

/** Finds the programs of Slurm for clusters without containers. */
public interface SlurmPrograms {

  /**
   * Finds a jar of the artifact {@code slurm-bundle-<release>}.
   *
   * @param release of Slurm, {@code 24.11}
   * @param version of the artifact: Slurm's version and the number of the build, {@code 24.11.5-1}
   * @param classifier content and platform: {@code slurm-linux-x86_64} has Slurm, {@code
   *     accounting-linux-x86_64} slurmdbd and its database
   * @return empty when there is no such jar
   */
  Optional<Path> jar(String release, String version, String classifier);

  /** Returns sentences that say why {@link #jar} returned nothing, and what to do. */
  String absence(String release, String version, String classifier);
}
