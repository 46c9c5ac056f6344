/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import org.jspecify.annotations.Nullable;

/** The server's settings are invalid; the message is for the user. */
final class MistakeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MistakeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
