/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import org.jspecify.annotations.Nullable;

/**
 * Something broke that the user's parameters did not cause: the engine went away, a container died,
 * or a cluster did not become ready.
 *
 * <p>The message is for users: what was tried, what happened, what to do next.
 */
public class SlurmClusterException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public SlurmClusterException(String message) {
    super(message);
  }

  public SlurmClusterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
