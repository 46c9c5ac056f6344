/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.nio.file.Path;
import java.util.Optional;

/** Where the programs of Slurm are for clusters without containers. */
public interface SlurmPrograms {

  /**
   * Finds a jar of {@code slurm-embedded} that holds them.
   *
   * @param release release line of Slurm, for example {@code 24.11}
   * @param platform for example {@code linux-x86_64}
   * @return empty when there is none for this release and platform
   */
  Optional<Path> jar(String release, String platform);

  /**
   * Explains, for people, why {@link #jar} returned nothing, and what to do about it; whole
   * sentences.
   */
  String absence(String release, String platform);
}
