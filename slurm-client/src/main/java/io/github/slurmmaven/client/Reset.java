/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.util.List;

/**
 * What a reset did.
 *
 * @param jobs jobs that waited or ran; of an array, each task that had begun
 * @param nodes nodes that were drained or down, and take jobs again
 * @param reservations reservations that were deleted
 */
public record Reset(List<JobId> jobs, List<String> nodes, List<String> reservations) {

  public Reset {
    jobs = List.copyOf(jobs);
    nodes = List.copyOf(nodes);
    reservations = List.copyOf(reservations);
  }
}
