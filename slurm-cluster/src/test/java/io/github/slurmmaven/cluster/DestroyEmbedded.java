/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.Owner;
import java.nio.file.Path;

/** A process that destroys a cluster without containers, and says when it begins and ends that. */
final class DestroyEmbedded {

  /** Whose cluster it is. */
  enum Owned {
    /** A person's, which is there. */
    BY_HAND,
    /** That of the process, which starts it. */
    BY_BUILD
  }

  private DestroyEmbedded() {}

  /**
   * @param arguments output directory, name and {@link Owned}
   */
  public static void main(String[] arguments) {
    boolean isBuild = Owned.valueOf(arguments[2]) == Owned.BY_BUILD;
    ClusterRequest clusterRequest =
        TestBackend.EMBEDDED
            .cluster(arguments[1])
            .outputDirectory(Path.of(arguments[0]))
            .owner(isBuild ? Owner.thisBuild() : Owner.byHand())
            .build();
    SlurmCluster cluster = clusterRequest.cluster();
    if (isBuild) {
      clusterRequest.start();
    }
    System.out.println("destroying");
    cluster.destroy();
    System.out.println("destroyed");
  }
}
