/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Optional;

/**
 * The source archive of a Slurm that is compiled for a cluster's image.
 *
 * @param url http(s) URL, or absolute path of a file of this machine; empty for upstream's download
 *     of the cluster's version
 * @param sha256 the archive's digest in lower-case hexadecimal; empty if it is not checked
 */
public record SlurmSource(Optional<String> url, Optional<String> sha256) {

  /** No source given: only a release that no Debian release packages is compiled. */
  public static final SlurmSource DEFAULT = new SlurmSource(Optional.empty(), Optional.empty());

  private static final String UPSTREAM = "https://download.schedmd.com/slurm/slurm-%s.tar.bz2";

  /** Whether the user gave a source. */
  boolean isGiven() {
    return !equals(DEFAULT);
  }

  /** Returns the parameter that gives the source, with its value; empty if none does. */
  public Optional<String> asked() {
    return url.map(value -> "slurmSource: " + value)
        .or(() -> sha256.map(value -> "slurmSourceSha256: " + value));
  }

  /**
   * Returns the archive of a version.
   *
   * @throws InvalidParameterException when no URL is given, and upstream has none for a version
   *     that is a whole release line
   */
  public Archive archive(SlurmVersion version) {
    return new Archive(
        url.orElseGet(
            () -> {
              if (sha256.isPresent() && version.baseImage().isPresent()) {
                throw new InvalidParameterException(
                    "slurmSourceSha256",
                    sha256.get(),
                    "is the digest of a source archive, but Slurm %s comes from Debian's packages: name the archive with slurmSource, or leave the digest out"
                        .formatted(version));
              }
              if (version.patch().isEmpty()) {
                throw new InvalidParameterException(
                    "slurmVersion",
                    version,
                    "is a release line that is compiled from source, and upstream publishes archives only of exact releases: name one, for example %s.1, or an archive with slurmSource, or a line that Debian packages (%s)"
                        .formatted(version, SlurmVersion.packagedInWords()));
              }
              return UPSTREAM.formatted(version);
            }),
        sha256);
  }
}
