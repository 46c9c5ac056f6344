/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A build that starts a cluster, as a process of its own, and prints what it does line by line. */
final class StartBuild {

  private StartBuild() {}

  /**
   * Starts, and waits to be killed.
   *
   * @param arguments backend, output directory, name, and words of the step of the start that it
   *     stops at, if it does
   */
  public static void main(String[] arguments) {
    ClusterRequest request =
        TestBackend.valueOf(arguments[0])
            .cluster(arguments[2])
            .outputDirectory(Path.of(arguments[1]))
            .progress(
                new Progress() {
                  @Override
                  public void step(String message) {
                    System.out.println(message);
                    if (arguments.length > 3 && message.contains(arguments[3])) {
                      waitForTheEnd();
                    }
                  }

                  @Override
                  public void warn(String message) {}

                  @Override
                  public void detail(String message) {}
                })
            .build();
    try {
      request.start();
    } catch (UserMistakeException e) {
      System.out.println("refused: " + e.getMessage());
      return;
    }
    System.out.println("has started");
    waitForTheEnd();
  }

  private static void waitForTheEnd() {
    while (true) {
      LockSupport.park();
    }
  }
}
