/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

/** A line that is no shell command; the message is bash's. */
class ShellSyntaxException extends Exception {

  private static final long serialVersionUID = 1;

  ShellSyntaxException(String message) {
    super(message);
  }

  /** An incomplete command, which may become valid with more text. */
  static final class Incomplete extends ShellSyntaxException {

    private static final long serialVersionUID = 1;

    Incomplete(String message) {
      super(message);
    }
  }
}
