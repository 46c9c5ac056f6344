/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The state of a job; see <a href="https://slurm.schedmd.com/job_state_codes.html">Job State
 * Codes</a>. Slurm prints a state or one of its flags as one word, so the flags are constants here,
 * too.
 */
public enum JobState {
  /** Waits for resources, its turn, its begin time or another job. */
  PENDING("PD", Phase.WAITING),
  /** Has its resources. */
  RUNNING("R", Phase.RUNNING),
  /** Has resources, and its processes are stopped. */
  SUSPENDED("S", Phase.RUNNING),
  /** Ended with exit code 0. */
  COMPLETED("CD", Phase.ENDED),
  /** Cancelled by its user or an administrator, before or after it started. */
  CANCELLED("CA", Phase.ENDED),
  /** Ended with another exit code, by a signal, or could not be launched. */
  FAILED("F", Phase.ENDED),
  /** Reached its time limit. */
  TIMEOUT("TO", Phase.ENDED),
  /** Lost a node. */
  NODE_FAIL("NF", Phase.ENDED),
  /** Gave way to another job. */
  PREEMPTED("PR", Phase.ENDED),
  /** Its node could not boot. */
  BOOT_FAIL("BF", Phase.ENDED),
  /** Reached its deadline. */
  DEADLINE("DL", Phase.ENDED),
  /** Used more memory than it had requested. */
  OUT_OF_MEMORY("OOM", Phase.ENDED),
  /** Is ending: processes or the epilog still run on a node. */
  COMPLETING("CG", Phase.RUNNING),
  /** Has its nodes, which are not ready yet. */
  CONFIGURING("CF", Phase.RUNNING),
  /** Is about to change its size. */
  RESIZING("RS", Phase.RUNNING),
  /** Held, because its reservation was deleted. */
  RESV_DEL_HOLD("RD", Phase.WAITING),
  /** Is queued again. */
  REQUEUED("RQ", Phase.WAITING),
  /** Is queued again by a federation. */
  REQUEUE_FED("RF", Phase.WAITING),
  /** Queued again and held. */
  REQUEUE_HOLD("RH", Phase.WAITING),
  /**
   * Removed from a cluster, because its sibling in another cluster of the federation has started.
   */
  REVOKED("RV", Phase.ENDED),
  /** Is being signalled. */
  SIGNALING("SI", Phase.RUNNING),
  /** Queued again and held with a special mark. */
  SPECIAL_EXIT("SE", Phase.WAITING),
  /** Ended, and its files are being moved. */
  STAGE_OUT("SO", Phase.RUNNING),
  /** Has resources, and its processes were stopped by SIGSTOP. */
  STOPPED("ST", Phase.RUNNING);

  private enum Phase {
    WAITING,
    RUNNING,
    ENDED
  }

  /** The final states. A job leaves them only when it is requeued by hand. */
  public static final Set<JobState> TERMINAL =
      Collections.unmodifiableSet(
          Arrays.stream(values())
              .filter(JobState::isTerminal)
              .collect(Collectors.toCollection(() -> EnumSet.noneOf(JobState.class))));

  private static final Map<String, JobState> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(JobState::code, Function.identity()));

  private final String code;
  private final Phase phase;

  JobState(String code, Phase phase) {
    this.code = code;
    this.phase = phase;
  }

  /** Returns Slurm's short form, for example {@code PD}. */
  public String code() {
    return code;
  }

  /** Returns whether the job has ended, with nothing of it left on a node. */
  public boolean isTerminal() {
    return phase == Phase.ENDED;
  }

  /** Returns whether the job has not started. */
  public boolean isWaiting() {
    return phase == Phase.WAITING;
  }

  /** Returns whether the job has resources, including while it ends. */
  public boolean isActive() {
    return phase == Phase.RUNNING;
  }

  /**
   * Reads a state as Slurm's commands write it, long or short: {@code RUNNING}, {@code R}, {@code
   * CANCELLED by 1000}, {@code CANCELLED+}. In a list such as {@code COMPLETED,COMPLETING}, the
   * last flag counts, because Slurm shows that state elsewhere.
   *
   * @return empty if the text is not a state
   */
  public static Optional<JobState> of(String text) {
    String word = text.strip().toUpperCase(Locale.ROOT).split("[ +]", 2)[0];
    String last = word.substring(word.lastIndexOf(',') + 1);
    JobState byCode = BY_CODE.get(last);
    return byCode != null
        ? Optional.of(byCode)
        : Arrays.stream(values()).filter(state -> state.name().equals(last)).findFirst();
  }
}
