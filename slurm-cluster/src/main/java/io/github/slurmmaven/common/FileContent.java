/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The content of a file, and whether it is a program. */
public final class FileContent {

  private final byte[] bytes;
  private final boolean isProgram;

  private FileContent(byte[] bytes, boolean isProgram) {
    this.bytes = bytes;
    this.isProgram = isProgram || isScript(bytes);
  }

  /**
   * Returns the content of a text. A text that begins with the name of its interpreter is a
   * program.
   */
  public static FileContent of(String text) {
    return new FileContent(text.getBytes(StandardCharsets.UTF_8), false);
  }

  /**
   * Returns the content of any bytes.
   *
   * @param isProgram whether the file is executable, even if it names no interpreter
   */
  public static FileContent of(byte[] bytes, boolean isProgram) {
    return new FileContent(bytes.clone(), isProgram);
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  public boolean isProgram() {
    return isProgram;
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Returns the SHA-256 of the bytes. */
  public String digest() {
    return Sha256.of(bytes);
  }

  /** Returns the content as text; empty if it is not UTF-8. */
  public Optional<String> text() {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static boolean isScript(byte[] content) {
    return content.length > 2 && content[0] == '#' && content[1] == '!';
  }
}
