/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

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
            .accounting(arguments[2].equals("accounting"))
            .build();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    System.out.println("started");
    if (arguments[2].equals("wait")) {
      Thread.sleep(Long.MAX_VALUE);
    }
    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      System.out.println(shell.ok("srun sh -c 'echo job on $SLURMD_NODENAME'"));
      if (arguments[2].equals("accounting")) {
        System.out.println(
            shell.ok("sacctmgr -n -P show assoc user=$(id -un) format=user,account | sort"));
      }
    }
    cluster.destroy();
    System.out.println("destroyed");
  }
}
