/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A release line of Slurm that a cluster can run, and the Debian release that packages it. */
public enum SlurmVersion {
  V22_05("22.05", "debian:12-slim"),
  V24_11("24.11", "debian:trixie-slim");

  /** What a cluster runs when nobody says otherwise. */
  public static final SlurmVersion DEFAULT = V24_11;

  private final String release;
  private final String baseImage;

  SlurmVersion(String release, String baseImage) {
    this.release = release;
    this.baseImage = baseImage;
  }

  /** The release line as Slurm writes it, for example {@code 24.11}. */
  public String release() {
    return release;
  }

  /** The image that the cluster's image is built from. */
  public String baseImage() {
    return baseImage;
  }

  /** Whether this release is {@code other} or newer. */
  public boolean isAtLeast(SlurmVersion other) {
    return compareTo(other) >= 0;
  }

  /**
   * Finds a version by its release line.
   *
   * @param parameter what the user calls it
   * @throws InvalidParameterException when no cluster of that release can be run
   */
  public static SlurmVersion of(String parameter, String release) {
    return Arrays.stream(values())
        .filter(version -> version.release.equals(release))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidParameterException(
                    parameter,
                    release,
                    "is not a Slurm version that can be run: use " + String.join(" or ", all())));
  }

  private static List<String> all() {
    return Arrays.stream(values()).map(SlurmVersion::release).collect(Collectors.toList());
  }

  @Override
  public String toString() {
    return release;
  }
}
