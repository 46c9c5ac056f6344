/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Which cluster: two clusters of one name in two directories are two clusters.
 *
 * @param name name
 * @param directory absolute path of its files
 */
public record ClusterId(String name, Path directory) {

  private static final int DIGITS = 8;

  /** A name that no other cluster has, whatever other checkouts there are. */
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
