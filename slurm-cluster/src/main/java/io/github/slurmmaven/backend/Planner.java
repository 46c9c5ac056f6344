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

/**
 * Checks a definition, allocates ports and networks, and renders files, before any part of a
 * cluster runs.
 */
public interface Planner {

  /**
   * A cluster's files.
   *
   * @param files content by path below the cluster's directory, in the order in which they are best
   *     read
   * @param warnings where the backend differs from the definition, as sentences without a full stop
   */
  record Rendering(Map<String, FileContent> files, List<String> warnings) {}

  /** Returns the backend that it plans for. */
  BackendKind kind();

  /**
   * Refuses a definition that this backend cannot run, before anything is created.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException names the cause and what to do
   */
  void check(ClusterDefinition definition);

  /**
   * Allocates addresses and ports for a cluster that is about to be rendered or started.
   *
   * @param previous the cluster's earlier allocation, of which free parts are kept
   * @param taken ports and networks that another process was found to use
   * @throws io.github.slurmmaven.client.InvalidParameterException when a port that the user named
   *     is taken; names the process that uses it
   */
  Allocation allocate(
      ClusterId id, ClusterDefinition definition, Optional<Allocation> previous, Taken taken);

  /** Renders the cluster's files for this backend. The same arguments give the same bytes. */
  Rendering render(ClusterId id, ClusterDefinition definition, Allocation allocation);
}
