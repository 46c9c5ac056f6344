/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.client.JobState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The jobs that a job waits for; see sbatch(1), --dependency. */
final class Dependency {

  private static final Set<String> TYPES =
      Set.of("after", "afterany", "afterburstbuffer", "aftercorr", "afternotok", "afterok");
  private static final Pattern PART = Pattern.compile("([a-z]+)((?::\\d+(?:_\\d+)?(?:\\+\\d+)?)*)");

  private enum Verdict {
    MET,
    WAITS,
    NEVER
  }

  private Dependency() {}

  static boolean isValid(String text, JobTable jobs, Release release) {
    for (String each : parts(text)) {
      Matcher part = PART.matcher(each);
      if (!part.matches()) {
        return false;
      }
      boolean singleton = each.equals("singleton");
      if (!singleton && (!TYPES.contains(part.group(1)) || part.group(2).isEmpty())) {
        return false;
      }
      for (String id : ids(part)) {
        // Up to 22.05, an unknown job counts as ended.
        if (release.isNew() && jobs.find(id).isEmpty()) {
          return false;
        }
      }
    }
    return true;
  }

  private static List<String> parts(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split("[,?]", -1));
  }

  private static List<String> ids(Matcher part) {
    return part.group(2).isEmpty()
        ? List.of()
        : List.of(part.group(2).substring(1).replaceAll("\\+\\d+", "").split(":", -1));
  }

  static DependencyState of(String text, JobRecord job, JobTable jobs) {
    List<String> left = new ArrayList<>();
    boolean any = text.contains("?");
    boolean oneMet = false;
    boolean never = false;
    Instant since = job.submitted();
    for (String each : parts(text)) {
      Matcher part = PART.matcher(each);
      if (!part.matches()) {
        continue;
      }
      String type = part.group(1);
      if (type.equals("singleton")) {
        List<JobRecord> before = jobs.sameBefore(job);
        if (before.stream().allMatch(JobRecord::hasEnded)) {
          oneMet = true;
          since = latest(since, before);
        } else {
          left.add("singleton(unfulfilled)");
        }
        continue;
      }
      for (String id : ids(part)) {
        List<JobRecord> others = jobs.find(id);
        Verdict verdict = verdict(type, others);
        if (verdict == Verdict.MET) {
          oneMet = true;
          since = latest(since, others);
        } else {
          never |= verdict == Verdict.NEVER;
          left.add(type + ":" + id + (verdict == Verdict.NEVER ? "(failed)" : "(unfulfilled)"));
        }
      }
    }
    boolean met = left.isEmpty() || (any && oneMet);
    return new DependencyState(String.join(any ? "?" : ",", left), met, never && !met, since);
  }

  private static Instant latest(Instant since, List<JobRecord> jobs) {
    Instant latest = since;
    for (JobRecord job : jobs) {
      Optional<Instant> end = job.endTime().or(job::startTime);
      if (end.isPresent() && end.get().isAfter(latest)) {
        latest = end.get();
      }
    }
    return latest;
  }

  private static Verdict verdict(String type, List<JobRecord> others) {
    if (type.equals("after")) {
      return others.stream().allMatch(job -> job.startTime().isPresent() || job.hasEnded())
          ? Verdict.MET
          : Verdict.WAITS;
    }
    if (!others.stream().allMatch(JobRecord::hasEnded)) {
      return Verdict.WAITS;
    }
    boolean succeeded = others.stream().allMatch(job -> job.state() == JobState.COMPLETED);
    return switch (type) {
      case "afterok", "aftercorr" -> succeeded ? Verdict.MET : Verdict.NEVER;
      case "afternotok" -> succeeded && !others.isEmpty() ? Verdict.NEVER : Verdict.MET;
      default -> Verdict.MET;
    };
  }
}
