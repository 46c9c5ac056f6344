/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.util.List;
import java.util.function.Predicate;

/**
 * The transitions of certain jobs.
 *
 * @param which the jobs
 * @param transitions in their order; a live list, since a test may add to its plan
 */
public record Plan(Predicate<JobRecord> which, List<Transition> transitions) {

  boolean matches(JobRecord job) {
    return which.test(job);
  }
}
