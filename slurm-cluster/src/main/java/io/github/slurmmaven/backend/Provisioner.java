/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.files.ClusterFiles;

/** Brings clusters up and takes them down. */
public interface Provisioner {

  /** Fetches or builds images and programs, for which a start would have to wait. */
  void prepare(ClusterFiles files, Progress progress);

  /**
   * Brings the cluster up as its directory describes it. Nodes that run and still match are not
   * restarted. A new node has the definition's files before its daemons start. Returns when the
   * nodes' main processes run, which is before the cluster can be used.
   *
   * @param owner the owner of what is created
   * @throws AllocationTakenException when another process took a network or port meanwhile
   */
  void up(ClusterFiles files, Owner owner, Progress progress);

  /** Stops the cluster and keeps its state; no error when it does not run or exist. */
  void stop(ClusterId id);

  /** Stops one node, and keeps its state until the next {@link #up}. */
  void stop(ClusterId id, String node);

  /**
   * Removes everything of the cluster except its directory.
   *
   * @return whether there was anything
   */
  boolean destroy(ClusterId id);

  /**
   * Makes an image available to jobs: pushes it to the cluster's registry or, without one, copies
   * it to the nodes.
   *
   * @return the name by which a job runs it
   * @throws io.github.slurmmaven.client.UserMistakeException when the cluster has neither registry
   *     nor jobs in containers, or the image cannot be found
   */
  default String load(ClusterFiles files, ImageSource image, Progress progress) {
    throw new UserMistakeException(
        "Images cannot be loaded into cluster %s: it does not run in containers"
            .formatted(files.id().name()));
  }
}
