/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.FileContent;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.BackendKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Refuses, allocates and renders: all that is decided before anything of a cluster runs. */
public interface Planner {

  /**
   * A cluster's files.
   *
   * @param files content by path below the cluster's directory, in the order in which they are best
   *     read
   * @param warnings what the backend does otherwise than asked for, in sentences without a full
   *     stop
   */
  record Rendering(Map<String, FileContent> files, List<String> warnings) {}

  /** For which of the backends it plans. */
  BackendKind kind();

  /**
   * Refuses what this backend cannot run or hold, before anything is made of it.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException names what it is and what to do
   */
  void check(ClusterDefinition definition);

  /**
   * Finds addresses and ports for a cluster that is about to be rendered or started.
   *
   * @param previous what the cluster had before: kept as far as it is still free
   * @param taken what turned out to be taken
   * @throws io.github.slurmmaven.client.InvalidParameterException when a port that the user named
   *     is taken; says what holds it
   */
  Allocation allocate(
      ClusterId id, ClusterDefinition definition, Optional<Allocation> previous, Taken taken);

  /** The cluster's files for this backend. The same arguments give the same bytes. */
  Rendering render(ClusterId id, ClusterDefinition definition, Allocation allocation);
}
