/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.RestAccess;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

/** A build that starts a cluster without containers, as a process of its own. */
final class StartEmbedded {

  private StartEmbedded() {}

  /**
   * @param arguments output directory, name, and what to do then: wait to be killed, or run a job
   *     and destroy the cluster
   */
  public static void main(String[] arguments) throws Exception {
    ClusterRequest clusterRequest =
        TestBackend.EMBEDDED
            .cluster(arguments[1])
            .outputDirectory(java.nio.file.Path.of(arguments[0]))
            .accounting(arguments[2].equals("services"))
            .rest(arguments[2].equals("services"))
            .build();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    System.out.println("started");
    if (arguments[2].equals("wait")) {
      Thread.sleep(Long.MAX_VALUE);
    }
    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      System.out.println(shell.ok("srun sh -c 'echo job on $SLURMD_NODENAME'"));
      if (arguments[2].equals("services")) {
        System.out.println(
            shell.ok("sacctmgr -n -P show assoc user=$(id -un) format=user,account | sort"));
        RestAccess rest = cluster.connection().orElseThrow().rest().orElseThrow();
        for (String path : List.of("/slurm/{version}/nodes", "/slurmdb/{version}/accounts")) {
          int status =
              HttpClient.newHttpClient()
                  .send(rest.request(path).build(), BodyHandlers.discarding())
                  .statusCode();
          System.out.println(path + " answers " + status);
        }
      }
    }
    cluster.destroy();
    System.out.println("destroyed");
  }
}
