/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Copies a file or directory of this machine to nodes of a cluster, or from a node to this machine.
 * A path in the cluster begins with a colon; a relative one is below the home of {@code slurm}.
 * Examples: {@code -Dslurm.source=data -Dslurm.target=:/home/slurm/data}, {@code
 * -Dslurm.source=:/home/slurm/out -Dslurm.target=target/out}.
 *
 * @since 0.1.0
 */
@Mojo(name = "copy", requiresProject = false, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class CopyMojo extends AbstractExistingClusterMojo {

  /**
   * File or directory to copy. A path in the cluster begins with a colon.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.source", required = true)
  String source;

  /**
   * Path of the copy or, with a slash at its end, the directory to copy into. Missing parents are
   * created, and existing files are overwritten. A path in the cluster begins with a colon.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.target", required = true)
  String target;

  /**
   * Nodes to copy to or from: names, host lists such as {@code compute-[0-3]}, roles ({@code
   * compute}, {@code controller}) or {@code all}. The default is all nodes for a copy into the
   * cluster. A copy from the cluster is from one node, by default the controller.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.on")
  @Nullable String on;

  @Override
  void run(SlurmCluster cluster) {
    boolean into = target.startsWith(":");
    if (into == source.startsWith(":")) {
      throw new InvalidParameterException(
          "target",
          target,
          "and source must name one path in the cluster, which begins with a colon, and one path on this machine");
    }
    List<String> nodes = NodeList.parse(on);
    String copy = target.endsWith("/") ? target + nameOf(source) : target;
    if (into) {
      cluster.copy(here(source), nodes, copy.substring(1));
    } else if (nodes.size() > 1) {
      throw new InvalidParameterException(
          "on",
          String.join(",", nodes),
          "names several nodes: a copy from the cluster is from one node");
    } else {
      cluster.copyBack(nodes.stream().findFirst(), source.substring(1), here(copy));
    }
    getLog().info("Copied " + source + " to " + copy);
  }

  private static String nameOf(String path) {
    return path.replaceFirst("^:", "").replaceFirst("/+$", "").replaceFirst(".*/", "");
  }

  private Path here(String path) {
    return baseDirectory.toPath().resolve(path);
  }
}
