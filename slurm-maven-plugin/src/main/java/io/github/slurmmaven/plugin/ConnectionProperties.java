/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.Connection;
import java.util.Properties;
import java.util.function.Consumer;

/**
 * A project's properties {@code slurm.*}, by which the rest of its build reaches a cluster. Each is
 * there twice: as {@code slurm.ssh.port}, which belongs to the cluster that was started last, and
 * as {@code slurm.NAME.ssh.port}, which always belongs to the cluster of that name.
 */
record ConnectionProperties(Properties project, Consumer<String> warn) {

  private static final String PREFIX = "slurm.";

  /** Sets the properties of a cluster. */
  void set(Connection connection) {
    String name = connection.clusterName();
    String before = project.getProperty("slurm.cluster.name");
    if (before != null
        && !connection
            .directory()
            .toString()
            .equals(project.getProperty("slurm.cluster.directory"))) {
      warn.accept(
          "This project has several clusters: slurm.ssh.port and its sisters are those of cluster %s from now on. Those of %s are slurm.%s.ssh.port and so on"
              .formatted(name, before, before));
      removeWithoutName(before);
    }
    connection
        .properties()
        .forEach(
            (key, value) -> {
              project.setProperty(key, value);
              project.setProperty(of(name) + key.substring(PREFIX.length()), value);
            });
  }

  /** The next cluster may lack some of them, for example a registry. */
  private void removeWithoutName(String cluster) {
    String prefix = of(cluster);
    project.stringPropertyNames().stream()
        .filter(key -> key.startsWith(prefix))
        .forEach(key -> project.remove(PREFIX + key.substring(prefix.length())));
  }

  private static String of(String cluster) {
    return PREFIX + cluster + ".";
  }
}
