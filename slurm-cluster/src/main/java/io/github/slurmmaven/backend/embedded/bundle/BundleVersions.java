/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * Knows the versions of the artifacts such as {@code slurm-bundle-24.11}, which have the bundles.
 */
public final class BundleVersions {

  private static final Properties VERSIONS = versions();

  private BundleVersions() {}

  /**
   * Returns the version of the artifact that has a release's bundles: Slurm's version and the
   * number of the build, for example {@code 24.11.5-1}. Of a release without a default of this
   * library it is the first build, so that a bundle can be published for a Slurm that is newer than
   * the library.
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
