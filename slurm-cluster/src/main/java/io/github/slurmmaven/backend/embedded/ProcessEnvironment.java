/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The environment variables of a cluster's daemons, sessions and commands. Like those of a login,
 * they do not depend on where the cluster is started from.
 */
final class ProcessEnvironment {

  private static final String SYSTEM_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ProcessEnvironment() {}

  /**
   * Returns the variables.
   *
   * @param directory the cluster's directory
   * @param root the same, by a path without colons
   */
  static SortedMap<String, String> of(Path directory, Path root, ThisUser user) {
    SortedMap<String, String> variables = new TreeMap<>();
    variables.put("HOME", new Layout(directory).home().toString());
    variables.put("LANG", "C.UTF-8");
    variables.put("LOGNAME", user.name());
    variables.put(
        "PATH", root.resolve("bin") + ":" + root.resolve("bundle/bin") + ":" + SYSTEM_PATH);
    variables.put("SHELL", "/bin/bash");
    variables.put("SLURM_CONF", directory.resolve("config/slurm.conf").toString());
    variables.put("USER", user.name());
    return variables;
  }
}
