/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.server;

/** Thrown by a command instead of an answer: the server closes the client's connection. */
public final class DroppedConnectionException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public DroppedConnectionException() {
    super("the connection is dropped, as the test wants", null, false, false);
  }
}
