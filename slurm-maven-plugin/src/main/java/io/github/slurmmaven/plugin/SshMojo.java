/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Opens a shell on the controller or another node, or runs one command there.
 *
 * @since 0.1.0
 */
@Mojo(name = "ssh", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class SshMojo extends AbstractExistingClusterMojo {

  /**
   * Node to open the shell on. The default is the controller, which is reached over SSH. Other
   * nodes run no SSH server and are reached through the engine.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.node")
  @Nullable String node;

  /**
   * Account to log in as: {@code slurm}, one of the cluster's users, or, if {@code node} is set,
   * {@code root}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.user")
  @Nullable String user;

  /**
   * Command line for {@code bash} to run instead of a shell. If it ends with an exit status other
   * than 0, the goal fails and reports that status.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.command")
  @Nullable String command;

  @Override
  void run(SlurmCluster cluster) {
    if (command != null) {
      int status = run(cluster, command);
      if (status != 0) {
        throw new UserMistakeException(
            "The command ended with exit status %d: %s".formatted(status, command));
      }
      return;
    }
    if (!session.getRequest().isInteractiveMode()) {
      throw new UserMistakeException(
          "No shell can be opened, because Maven runs in batch mode (-B). Run one command with -Dslurm.command=…, or use "
              + SshFiles.command(cluster.directory().resolve("ssh/config")));
    }
    int status =
        cluster.shell(
            Optional.ofNullable(node),
            Optional.ofNullable(user),
            System.getenv().getOrDefault("TERM", "xterm"));
    getLog().info("The shell ended with exit status " + status);
  }

  private int run(SlurmCluster cluster, String line) {
    Optional<String> account = Optional.ofNullable(user);
    return node == null
        ? cluster.ssh(account, line, Console.out(), Console.err())
        : cluster.run(node, account, SlurmCluster.bash(line), Console.output(), timeout());
  }
}
