/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.lifecycle.Owner;
import java.nio.file.Path;

/** A build that starts a cluster, as a process of its own, and tells what it does line by line. */
final class StartBuild {

  private StartBuild() {}

  /**
   * Starts, and waits to be killed.
   *
   * @param arguments engine, output directory and name
   */
  public static void main(String[] arguments) throws Exception {
    SlurmCluster cluster =
        SlurmCluster.builder()
            .engine(arguments[0])
            .bundles(
                arguments[0].equals("embedded") ? EmbeddedIT.bundles() : BundleSource.classPath())
            .outputDirectory(Path.of(arguments[1]))
            .name(arguments[2])
            .port(0)
            .owner(Owner.thisBuild())
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
