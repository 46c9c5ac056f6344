/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The jobs that were submitted, in their order; of an array, each task. */
final class JobTable {

  private final List<JobRecord> all = new ArrayList<>();

  void add(JobRecord job) {
    all.add(job);
  }

  List<JobRecord> all() {
    return List.copyOf(all);
  }

  /** The jobs of a number: one, or the tasks of an array; one task for {@code 12_3}. */
  List<JobRecord> find(String id) {
    int underscore = id.indexOf('_');
    if (!id.matches("\\d{1,18}(_\\d{1,9})?")) {
      return List.of();
    }
    long number = Long.parseLong(underscore < 0 ? id : id.substring(0, underscore));
    if (underscore >= 0) {
      int task = Integer.parseInt(id.substring(underscore + 1));
      return all.stream()
          .filter(job -> job.arrayNumber() == number && job.task().equals(OptionalInt.of(task)))
          .toList();
    }
    List<JobRecord> found = all.stream().filter(job -> job.arrayNumber() == number).toList();
    return found.isEmpty()
        ? all.stream().filter(job -> job.hasNumber() && job.number() == number).toList()
        : found;
  }

  /** The jobs of the same name and user that were submitted before. */
  List<JobRecord> sameBefore(JobRecord job) {
    return all.subList(0, all.indexOf(job)).stream()
        .filter(other -> other.name().equals(job.name()) && other.user().equals(job.user()))
        .toList();
  }

  /** Whether a job is the last one of its array without an id of its own. */
  boolean isLastWithoutNumber(JobRecord job) {
    return all.stream()
        .filter(other -> other.arrayNumber() == job.arrayNumber() && other != job)
        .allMatch(JobRecord::hasNumber);
  }
}
