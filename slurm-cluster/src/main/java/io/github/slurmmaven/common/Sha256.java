/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, in lower-case hexadecimal digits. */
public final class Sha256 {

  private Sha256() {}

  /** Returns the digest of a text in UTF-8. */
  public static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String of(byte[] content) {
    return HexFormat.of().formatHex(begin().digest(content));
  }

  /** Begins the digest of content in parts; {@link #end} returns it. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Returns the digest of all parts. */
  public static String end(MessageDigest parts) {
    return HexFormat.of().formatHex(parts.digest());
  }
}
