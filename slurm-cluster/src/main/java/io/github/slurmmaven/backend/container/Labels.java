/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.ClusterId;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The labels of a cluster on an engine. The first four are in the rendered docker-compose.yml, so a
 * cluster that Compose brought up has them, too.
 */
final class Labels {

  private static final String PREFIX = "io.github.slurmmaven.";

  /** Name of the cluster. */
  static final String CLUSTER = PREFIX + "cluster";

  /** Absolute path of the cluster's files. */
  static final String DIRECTORY = PREFIX + "directory";

  /** Name of the node. */
  static final String NODE = PREFIX + "node";

  /** Role of the node. */
  static final String ROLE = PREFIX + "role";

  /** The owner. */
  static final String OWNER = PREFIX + "owner";

  /** When it was created, in ISO 8601. */
  static final String CREATED_AT = PREFIX + "created-at";

  /** Digest of what the container was made from; absent when Compose made it. */
  static final String DIGEST = PREFIX + "digest";

  /**
   * Digest of what cannot change while the container runs. That is all except Slurm's
   * configuration, which daemons can read again, and the other nodes' addresses.
   */
  static final String SHAPE = PREFIX + "shape";

  /** Marks a container into which files were copied instead of mounted. */
  static final String FILES = PREFIX + "files";

  private Labels() {}

  /** Returns the cluster that the labels name; empty if name or directory is missing. */
  static Optional<ClusterId> clusterOf(Map<String, String> labels) {
    String name = labels.get(CLUSTER);
    String directory = labels.get(DIRECTORY);
    return name == null || directory == null
        ? Optional.empty()
        : Optional.of(new ClusterId(name, Path.of(directory)));
  }

  static Map<String, String> of(ClusterId id) {
    return Map.of(CLUSTER, id.name(), DIRECTORY, id.directory().toString());
  }
}
