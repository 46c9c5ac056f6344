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

  /** The variable with the node's name. Slurm sets it for jobs, and this interface for commands. */
  String NODE_NAME = "SLURMD_NODENAME";

  /**
   * Runs a command on a node and waits for it. The node's name is in {@link #NODE_NAME}.
   *
   * @param user account to run it as
   * @param output receives the command's output as it is written
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
   * Runs a command on a node and returns its output.
   *
   * @param lines receives standard output, line by line, as it is written
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
   * Runs a command on a node with the user's terminal.
   *
   * @return exit status
   */
  int run(ClusterId id, String node, String user, List<String> command, Terminal terminal);

  /**
   * Copies a file or directory of this machine into a node. Root owns the copy; modes are kept.
   *
   * @param source absolute path here
   * @param target absolute path there; replaced if it exists, and its parents are created
   */
  void copy(ClusterId id, String node, Path source, String target);

  /**
   * Copies a file or directory of a node to this machine, with its modes.
   *
   * @param source absolute path there
   * @param target absolute path here; replaced if it exists, and its parents are created
   * @throws io.github.slurmmaven.client.UserMistakeException when there is no such file
   */
  void copyBack(ClusterId id, String node, String source, Path target);

  /**
   * Passes on the log lines of a node's daemons, and blocks. With follow, it returns when the node
   * ends, or when the thread is interrupted, with the thread's interrupted status set.
   */
  void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines);

  /** Returns the last log lines of a node's daemons. */
  default String logs(ClusterId id, String node, int tail) {
    StringBuilder text = new StringBuilder();
    logs(id, node, LogRequest.last(tail), line -> text.append(line).append('\n'));
    return text.toString();
  }

  /**
   * Returns the directory of a node, as its commands see it, for files that are removed with the
   * node.
   */
  String ownDirectory(ClusterId id, String node);
}
