/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Runs commands on a cluster's nodes, copies files to and from them, and reads their logs. */
public interface NodeAccess {

  /** The variable with the name of the node, which Slurm sets for jobs, and we for commands. */
  String NODE_NAME = "SLURMD_NODENAME";

  /**
   * Runs a command on a node and waits for it. The node's name is in {@link #NODE_NAME}.
   *
   * @param user account to run it as
   * @param output gets what the command writes, as it comes
   * @return exit status
   * @throws io.github.slurmmaven.client.SlurmClusterException when the command cannot be run or
   *     does not end in time
   */
  int run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      CommandOutput output,
      Duration timeout);

  /**
   * Runs a command on a node and keeps what it writes.
   *
   * @param lines gets standard output line by line as it comes
   */
  default CommandResult run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      Consumer<String> lines,
      Duration timeout) {
    CollectedOutput output = new CollectedOutput(lines);
    int exitCode = run(id, node, user, command, output, timeout);
    return output.result(exitCode);
  }

  /**
   * Runs a command on a node with the person's terminal.
   *
   * @return exit status
   */
  int run(ClusterId id, String node, String user, List<String> command, Terminal terminal);

  /**
   * Copies a file or directory of this machine into a node, as root's, with its modes.
   *
   * @param source absolute path here
   * @param target absolute path there, made anew together with its parents
   */
  void copy(ClusterId id, String node, Path source, String target);

  /**
   * Copies a file or directory of a node to this machine, with its modes.
   *
   * @param source absolute path there
   * @param target absolute path here, made anew together with its parents
   * @throws io.github.slurmmaven.client.UserMistakeException when there is no such file
   */
  void copyBack(ClusterId id, String node, String source, Path target);

  /**
   * The lines that a node's daemons wrote; blocks. With follow until the node ends or the thread is
   * interrupted, and then returns with the thread's interrupted status set.
   */
  void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines);

  /** The last lines that a node's daemons wrote. */
  default String logs(ClusterId id, String node, int tail) {
    StringBuilder text = new StringBuilder();
    logs(id, node, LogRequest.last(tail), line -> text.append(line).append('\n'));
    return text.toString();
  }

  /** Directory of a node, as its commands see it, for files that go when the node goes. */
  String ownDirectory(ClusterId id, String node);
}
