/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

/** Names and ids as people know them. */
final class Names {

  private static final int SHORT_ID_LENGTH = 12;

  private Names() {}

  /**
   * The name of an image that people use, of which Docker reports the short form and Podman the
   * long one: {@code debian:12} for {@code docker.io/library/debian:12}.
   */
  static String familiar(String reference) {
    return reference.replaceFirst("^docker\\.io/(library/)?", "");
  }

  /** Ids as the docker CLI shows them; names as they are. */
  static String shortId(String idOrName) {
    return idOrName.matches("[0-9a-f]{64}") ? idOrName.substring(0, SHORT_ID_LENGTH) : idOrName;
  }
}
