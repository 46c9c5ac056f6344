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
 * A cluster, with all that an operation on it needs.
 *
 * @param id the cluster
 * @param directory its files
 * @param backends opens its backend, which the caller closes
 * @param owner the owner of what is started
 * @param timeout longest time for a start, and for a command that has no limit of its own
 * @param progress listener for progress
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

  /** Takes the cluster's lock, and reports a wait for it. */
  public ClusterLock lock() {
    return directory.lock(
        () ->
            progress.step(
                "Waiting for another build that works on cluster %s in %s"
                    .formatted(id.name(), id.directory())));
  }

  /** Returns the cluster's files. An operation calls this once. */
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

  /** Returns a number of things as text. */
  public static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** Returns the seconds since a time of {@link System#nanoTime}. */
  public static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
