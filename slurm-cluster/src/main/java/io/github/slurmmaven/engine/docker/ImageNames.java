/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

/** The names of images, of which Docker tells the short form, and Podman the long one. */
final class ImageNames {

  private ImageNames() {}

  /** The name that people use: {@code debian:12} for {@code docker.io/library/debian:12}. */
  static String familiar(String reference) {
    return reference.replaceFirst("^docker\\.io/(library/)?", "");
  }
}
