/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing.mock.shell;

/** A line that is no shell command; the message is bash's. */
final class ShellSyntaxException extends Exception {

  private static final long serialVersionUID = 1;

  ShellSyntaxException(String message) {
    super(message);
  }
}
