/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import io.github.slurmmaven.client.EngineFailure;
import io.github.slurmmaven.client.UserMistakeException;
import org.jspecify.annotations.Nullable;

/**
 * No container engine can be reached. The message lists all addresses that were tried, and what to
 * do.
 */
public final class NoEngineException extends UserMistakeException implements EngineFailure {

  private static final long serialVersionUID = 1L;

  NoEngineException(String message) {
    this(message, null);
  }

  NoEngineException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isAway() {
    return true;
  }
}
