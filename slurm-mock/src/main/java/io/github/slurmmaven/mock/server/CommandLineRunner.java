/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.server;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** Runs the command lines that clients send. */
@FunctionalInterface
public interface CommandLineRunner {

  /**
   * Runs a command line.
   *
   * @param variables environment variables that the client sent
   * @return the exit status
   * @throws DroppedConnectionException when the client shall get no answer
   */
  int run(
      String line,
      Map<String, String> variables,
      InputStream in,
      OutputStream out,
      OutputStream err);
}
