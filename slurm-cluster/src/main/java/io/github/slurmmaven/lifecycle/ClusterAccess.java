/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.files.ClusterLock;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One cluster, and for whom it is worked on.
 *
 * @param id which
 * @param directory where its files are
 * @param backends opens where it lives; what is opened is to be closed
 * @param owner who answers for what is started
 * @param timeout longest time for a start, and for a command that has no limit of its own
 * @param progress reports what goes on
 * @param login tries a login over SSH
 */
public record ClusterAccess(
    ClusterId id,
    ClusterDirectory directory,
    Supplier<ClusterBackend> backends,
    Owner owner,
    Duration timeout,
    Progress progress,
    Consumer<Connection> login) {

  /** Takes the cluster's lock, and says so when that takes a while. */
  public ClusterLock lock() {
    return directory.lock(
        () ->
            progress.step(
                "Waiting for another build that works on cluster %s in %s"
                    .formatted(id.name(), id.directory())));
  }

  /** The cluster's files, to be read once in an operation. */
  public ClusterFiles files() {
    return new ClusterFiles(id);
  }

  /** Opens the cluster's backend. */
  public ClusterBackend connect() {
    ClusterBackend backend = backends.get();
    try {
      progress.detail("Cluster " + id.name() + " on " + backend.description());
      return backend;
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  /**
   * Refuses a cluster without files.
   *
   * @param advice end of the sentence
   */
  public void requireFiles(String advice) {
    if (!directory.exists()) {
      throw new UserMistakeException(
          "There are no files of cluster %s in %s%s".formatted(id.name(), id.directory(), advice));
    }
  }

  /** A number of things, in words. */
  public static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** The seconds since a moment of {@link System#nanoTime}. */
  public static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
