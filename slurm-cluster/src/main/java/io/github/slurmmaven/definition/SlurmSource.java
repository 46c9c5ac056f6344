/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Optional;

/**
 * Where the source archive of a Slurm comes from that is compiled for a cluster's image.
 *
 * @param url http(s) URL, or absolute path of a file of this machine; empty for upstream's download
 *     of the cluster's version
 * @param sha256 the archive's digest in lower-case hexadecimal; empty for one that is taken as it
 *     comes
 */
public record SlurmSource(Optional<String> url, Optional<String> sha256) {

  /** Nothing asked for: only a release that no Debian release packages is compiled. */
  public static final SlurmSource DEFAULT = new SlurmSource(Optional.empty(), Optional.empty());

  private static final String UPSTREAM = "https://download.schedmd.com/slurm/slurm-%s.tar.bz2";

  /** Whether it was asked for. */
  boolean isGiven() {
    return !equals(DEFAULT);
  }

  /** The parameter that asks for it, with its value; empty when none does. */
  public Optional<String> asked() {
    return url.map(value -> "slurmSource: " + value)
        .or(() -> sha256.map(value -> "slurmSourceSha256: " + value));
  }

  /**
   * The archive of a version.
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
                    "is the digest of a source archive, but Slurm %s comes from Debian's packages: name the archive with slurmSource, or leave it out"
                        .formatted(version));
              }
              if (version.patch().isEmpty()) {
                throw new InvalidParameterException(
                    "slurmVersion",
                    version,
                    "is a release line that is compiled from source, and upstream has archives of exact releases: name one, for example %s.1, or an archive with slurmSource, or a line that Debian packages (%s)"
                        .formatted(version, SlurmVersion.packagedInWords()));
              }
              return UPSTREAM.formatted(version);
            }),
        sha256);
  }
}
