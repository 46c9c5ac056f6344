/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/**
 * Receives a command's output in pieces, as the command writes it. Called from one thread at a
 * time; while a call is busy, the command waits.
 */
public interface CommandOutput {

  /** Receives a piece of standard output. */
  void stdout(byte[] bytes);

  /** Receives a piece of standard error. */
  void stderr(byte[] bytes);

  /** Called after the last piece. */
  default void end() {}
}
