/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The versions of the artifacts with bundles, such as {@code slurm-bundle-24.11}. */
public final class BundleVersions {

  private static final Properties VERSIONS = versions();

  private BundleVersions() {}

  /**
   * Returns the version of the artifact with a release's bundles: Slurm's version and a build
   * number, for example {@code 24.11.5-1}. For a release that this library does not list, it is the
   * first build, so that a bundle can be published for a Slurm that is newer than the library.
   *
   * @param release for example {@code 24.11}, or {@code 25.11.4} of a compiled one
   */
  public static String of(String release) {
    return VERSIONS.getProperty(release, release + "-1");
  }

  private static Properties versions() {
    Properties versions = new Properties();
    try (InputStream in =
        Objects.requireNonNull(BundleVersions.class.getResourceAsStream("bundles.properties"))) {
      versions.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return versions;
  }
}
