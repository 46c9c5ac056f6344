/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.util.List;

/**
 * The result of a reset.
 *
 * @param jobs jobs that were cancelled; for an array, each task that had started
 * @param nodes nodes that were drained or down and now take jobs again
 * @param reservations reservations that were deleted
 */
public record Reset(List<JobId> jobs, List<String> nodes, List<String> reservations) {

  public Reset {
    jobs = List.copyOf(jobs);
    nodes = List.copyOf(nodes);
    reservations = List.copyOf(reservations);
  }
}
