/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fault of a command, which lasts until it is {@link #cleared} or has occurred {@link #times}
 * times.
 *
 * <pre>{@code
 * mock.fault("sbatch").times(2).socketTimeout();
 * mock.fault("squeue").takes(Duration.ofSeconds(5));
 * }</pre>
 */
public final class Fault {

  /** Instead of the command, or before it. */
  record Effect(Duration delay, Optional<Failure> failure, boolean drops) {}

  record Failure(int exitCode, String stderr) {}

  private final String command;
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
  private volatile Effect effect = new Effect(Duration.ZERO, Optional.empty(), false);

  Fault(String command) {
    this.command = command;
  }

  /** How often it happens; default always. */
  public Fault times(int times) {
    left.set(times);
    return this;
  }

  /** The command does nothing, and ends like this. */
  public Fault fails(int exitCode, String stderr) {
    effect = new Effect(effect.delay, Optional.of(new Failure(exitCode, stderr)), false);
    return this;
  }

  /** slurmctld is there, but does not answer in time. */
  public Fault socketTimeout() {
    return fails(1, words("Socket timed out on send/recv operation"));
  }

  /** slurmctld is not there. */
  public Fault controllerDown() {
    return fails(1, words("Unable to contact slurm controller (connect failure)"));
  }

  /** Breaks the SSH connection when a client runs the command. */
  public Fault drops() {
    effect = new Effect(effect.delay, Optional.empty(), true);
    return this;
  }

  /** Makes the command take longer, by the mock's clock. */
  public Fault takes(Duration longer) {
    effect = new Effect(longer, effect.failure, effect.drops);
    return this;
  }

  /** It does not happen any more. */
  public void cleared() {
    left.set(0);
  }

  private String words(String reason) {
    return switch (command) {
      case "sbatch" -> "sbatch: error: Batch job submission failed: " + reason;
      case "salloc" -> "salloc: error: Job submit/allocate failed: " + reason;
      case "srun" -> "srun: error: Unable to allocate resources: " + reason;
      case "sinfo" -> "slurm_load_partitions: " + reason;
      case "scancel" -> "scancel: error: Kill job error on job id 0: " + reason;
      default -> "slurm_load_jobs error: " + reason;
    };
  }

  String command() {
    return command;
  }

  /** Returns the effect on the next command; empty if there is none. */
  Optional<Effect> next() {
    int before = left.getAndUpdate(n -> n == Integer.MAX_VALUE || n == 0 ? n : n - 1);
    return before == 0 ? Optional.empty() : Optional.of(effect);
  }
}
