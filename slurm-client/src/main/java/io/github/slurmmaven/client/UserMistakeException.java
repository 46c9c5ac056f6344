/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import org.jspecify.annotations.Nullable;

/**
 * The user requested something that is not possible. The message names the file and key, the value,
 * and what to do. Never shown with a stack trace.
 */
public class UserMistakeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UserMistakeException(String message) {
    super(message);
  }

  public UserMistakeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
