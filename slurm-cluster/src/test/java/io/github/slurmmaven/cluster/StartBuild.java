/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import java.nio.file.Path;

/** A build that starts a cluster, as a process of its own, and tells what it does line by line. */
final class StartBuild {

  private StartBuild() {}

  /**
   * Starts, and waits to be killed.
   *
   * @param arguments backend, output directory and name
   */
  public static void main(String[] arguments) throws Exception {
    SlurmCluster cluster =
        TestBackend.valueOf(arguments[0])
            .cluster(arguments[2])
            .outputDirectory(Path.of(arguments[1]))
            .progress(
                new Progress() {
                  @Override
                  public void step(String message) {
                    System.out.println(message);
                  }

                  @Override
                  public void warn(String message) {}

                  @Override
                  public void detail(String message) {}
                })
            .build();
    try {
      cluster.start();
    } catch (UserMistakeException e) {
      System.out.println("refused: " + e.getMessage());
      return;
    }
    System.out.println("has started");
    Thread.sleep(Long.MAX_VALUE);
  }
}
