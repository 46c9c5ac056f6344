/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/**
 * Receives what a command writes, in pieces as they come. Called from one thread at a time; while
 * it is busy, the command waits.
 */
public interface CommandOutput {

  /** A piece of standard output. */
  void stdout(byte[] bytes);

  /** A piece of standard error. */
  void stderr(byte[] bytes);

  /** Nothing more comes. */
  default void end() {}
}
