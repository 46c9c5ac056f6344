/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.files.ClusterFiles;

/** Brings clusters up and takes them down. */
public interface Provisioner {

  /** Fetches or builds what a start would wait for. */
  void prepare(ClusterFiles files, Progress progress);

  /**
   * Brings the cluster up as its directory says; what runs already and still fits stays. A node
   * that is made has the definition's files before its daemons start. Returns when the nodes' main
   * processes run, which is long before the cluster is usable.
   *
   * @param owner who answers for what is created
   * @throws AllocationTakenException when address or port went to somebody else meanwhile
   */
  void up(ClusterFiles files, Owner owner, Progress progress);

  /** Stops the cluster and keeps its state; no error when it does not run or exist. */
  void stop(ClusterId id);

  /** Stops one node, and keeps its state until the next {@link #up}. */
  void stop(ClusterId id, String node);

  /**
   * Removes all there is of the cluster, but not its directory.
   *
   * @return whether there was anything
   */
  boolean destroy(ClusterId id);

  /**
   * Makes an image usable by jobs: puts it into the cluster's registry or, without one, onto the
   * nodes.
   *
   * @return what a job calls it
   * @throws io.github.slurmmaven.client.UserMistakeException when the cluster has neither registry
   *     nor jobs in containers, or the image cannot be had
   */
  default String load(ClusterFiles files, ImageSource image, Progress progress) {
    throw new UserMistakeException(
        "Images cannot be loaded into cluster %s: it does not run in containers"
            .formatted(files.id().name()));
  }
}
