/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Properties;

/**
 * A bundle as it was built: a tar archive, compressed by xz, with its description beside it.
 *
 * @param version the version of Slurm, for example {@code 24.11.5}
 * @param sha256 SHA-256 of the archive, hexadecimal
 * @param unpackedSize bytes of all files that are in it
 * @param origin its place, for messages
 * @param archive the archive itself
 */
public record BundleFile(
    String version, String sha256, long unpackedSize, String origin, Content archive) {

  /** The content of a file that fits into memory. */
  @FunctionalInterface
  public interface Content {
    byte[] read() throws IOException;
  }

  /** Reads a bundle's description, as {@code build-bundle.sh} writes it. */
  static BundleFile read(Content description, Content archive, String origin) {
    Properties properties = new Properties();
    try {
      properties.load(new ByteArrayInputStream(description.read()));
      return new BundleFile(
          value(properties, "version"),
          value(properties, "sha256"),
          Long.parseLong(value(properties, "unpackedSize")),
          origin,
          archive);
    } catch (IOException | IllegalArgumentException e) {
      throw new SlurmClusterException(
          "The description of Slurm's programs in "
              + origin
              + " cannot be read: "
              + FileFailure.of(e),
          e);
    }
  }

  private static String value(Properties properties, String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("it has no " + key);
    }
    return value;
  }
}
