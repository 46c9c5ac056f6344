/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command on the controller, or on several nodes at the same time. With several nodes, each
 * line of output begins with the node's name.
 *
 * @since 0.1.0
 */
@Mojo(name = "exec", requiresProject = false, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class ExecMojo extends AbstractWaitingMojo {

  /**
   * Command line for {@code bash} to run in the account's home.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.command", required = true)
  String command;

  /**
   * Nodes to run the command on: names, host lists such as {@code compute-[0-3]}, roles ({@code
   * compute}, {@code controller}) or {@code all}. The default is the controller.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.on")
  @Nullable String on;

  /**
   * Account to run the command as. The default is {@code slurm}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.user")
  @Nullable String user;

  @Override
  void run(SlurmCluster cluster) {
    List<String> nodes = NodeList.parse(on);
    boolean several = !nodes.isEmpty();
    List<PrefixedOutput> outputs = new CopyOnWriteArrayList<>();
    Map<String, Integer> statuses =
        cluster.run(
            nodes,
            Optional.ofNullable(user),
            SlurmCluster.bash(command),
            node -> {
              if (!several) {
                return Console.output();
              }
              PrefixedOutput output =
                  new PrefixedOutput(node, Console::println, Console::printlnError);
              outputs.add(output);
              return output;
            },
            timeout());
    outputs.forEach(PrefixedOutput::close);
    String failed =
        statuses.entrySet().stream()
            .filter(status -> status.getValue() != 0)
            .map(status -> status.getKey() + " with " + status.getValue())
            .collect(Collectors.joining(", "));
    if (!failed.isEmpty()) {
      throw new UserMistakeException("The command ended on " + failed + ": " + command);
    }
  }
}
