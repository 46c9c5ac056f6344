/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a cluster. Clusters with the same name in different directories are different
 * clusters.
 *
 * @param name the cluster's name
 * @param directory absolute path of its files
 */
public record ClusterId(String name, Path directory) {

  private static final int DIGITS = 8;

  // A record's own methods are linked on first use, which costs a cold start some 40 ms.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ClusterId id && name.equals(id.name) && directory.equals(id.directory);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + directory.hashCode();
  }

  /** Returns a name that no other cluster has, even in other checkouts of the same project. */
  public String project() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(directory.toString().getBytes(StandardCharsets.UTF_8));
      return name + "-" + HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
