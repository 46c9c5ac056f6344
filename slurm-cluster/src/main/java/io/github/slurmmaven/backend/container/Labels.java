/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.ClusterId;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The labels by which a cluster is known to an engine. The first four stand in the rendered
 * docker-compose.yml, so that a cluster that Compose brought up carries them too.
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

  /** Who answers for it. */
  static final String OWNER = PREFIX + "owner";

  /** When it was created, in ISO 8601. */
  static final String CREATED_AT = PREFIX + "created-at";

  /** Digest of what the container was made from; absent when Compose made it. */
  static final String DIGEST = PREFIX + "digest";

  /**
   * Digest of what cannot change while the container runs: all but Slurm's configuration, which its
   * daemons can read anew, and the other nodes' addresses.
   */
  static final String SHAPE = PREFIX + "shape";

  /** Marks files that were copied into the container, where it would have had them mounted. */
  static final String FILES = PREFIX + "files";

  private Labels() {}

  /** The cluster that the labels name; empty when they name none that is complete. */
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
