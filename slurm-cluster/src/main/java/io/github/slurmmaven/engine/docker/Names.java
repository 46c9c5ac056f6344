/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

/** Names and ids as users write them. */
final class Names {

  private static final int SHORT_ID_LENGTH = 12;

  private Names() {}

  /**
   * Returns the short name of an image, which Docker reports and Podman does not: {@code debian:12}
   * for {@code docker.io/library/debian:12}.
   */
  static String familiar(String reference) {
    return reference.replaceFirst("^docker\\.io/(library/)?", "");
  }

  /** Returns an id as the docker CLI shows it; a name unchanged. */
  static String shortId(String idOrName) {
    return idOrName.matches("[0-9a-f]{64}") ? idOrName.substring(0, SHORT_ID_LENGTH) : idOrName;
  }
}
