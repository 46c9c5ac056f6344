/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the small files of a project. */
final class TextFile {

  static final long MAX_BYTES = 1 << 20;

  private TextFile() {}

  /** Returns the content, without byte order mark. */
  static String read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new UserMistakeException(file + " is not a file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new UserMistakeException(
            file + " is larger than 1 MiB; no Compose file that is run needs to be");
      }
      String text = Files.readString(file);
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new UserMistakeException(file + " is not a text in UTF-8", e);
    } catch (IOException e) {
      throw new UserMistakeException(file + " cannot be read: " + e, e);
    }
  }
}
