/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.util.List;
import java.util.Map;

/**
 * A command to run in a container, without a shell unless it names one.
 *
 * @param command program and arguments
 * @param user user name or id
 * @param environment variables on top of the container's
 */
public record ExecCommand(List<String> command, String user, Map<String, String> environment) {

  /** Returns a command that runs as root. */
  public static ExecCommand asRoot(String... command) {
    return new ExecCommand(List.of(command), "root", Map.of());
  }
}
