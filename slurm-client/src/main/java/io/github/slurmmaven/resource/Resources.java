/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.resource;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Reads files beside a class in its jar: scripts, templates, presets. */
public final class Resources {

  private Resources() {}

  /**
   * Reads a text in UTF-8.
   *
   * @param beside class beside the file
   * @param name file, relative to the class's package, or from the root after a slash
   */
  public static String text(Class<?> beside, String name) {
    return new String(bytes(beside, name), StandardCharsets.UTF_8);
  }

  /**
   * Reads a file.
   *
   * @param beside class beside the file
   * @param name file, relative to the class's package, or from the root after a slash
   */
  public static byte[] bytes(Class<?> beside, String name) {
    try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("resource " + name + " cannot be read", e);
    }
  }
}
