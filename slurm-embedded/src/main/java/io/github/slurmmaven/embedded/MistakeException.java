/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import org.jspecify.annotations.Nullable;

/** The server was told something that it cannot do; the message is for whoever told it. */
final class MistakeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MistakeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
