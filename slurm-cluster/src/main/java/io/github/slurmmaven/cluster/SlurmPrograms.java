/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.nio.file.Path;
import java.util.Optional;

/** Finds the programs of Slurm for clusters without containers. */
public interface SlurmPrograms {

  /**
   * Finds a jar of {@code slurm-embedded} that holds some of them.
   *
   * @param classifier what they are for, release line of Slurm and platform: {@code
   *     slurm-24.11-linux-x86_64} has Slurm, {@code accounting-24.11-linux-x86_64} slurmdbd and its
   *     database
   * @return empty when there is none
   */
  Optional<Path> jar(String classifier);

  /**
   * Explains, for people, why {@link #jar} returned nothing, and what to do about it; whole
   * sentences.
   */
  String absence(String classifier);
}
