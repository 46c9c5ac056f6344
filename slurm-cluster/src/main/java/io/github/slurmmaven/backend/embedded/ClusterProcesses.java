/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.supervisor.Supervisor;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan.Daemon;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.DaemonState;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.DaemonState.Condition;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.common.CollectedOutput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Starts, restarts or ends a cluster's processes so that they match its files.
 *
 * @param layout the cluster's directory
 * @param supervisor their parent
 * @param commands for Slurm's commands
 * @param timeout how long one of these commands, or a command of the supervisor, may take
 */
record ClusterProcesses(
    Layout layout, Supervisor supervisor, LocalCommand commands, Duration timeout) {

  /** How long daemons may take to end by themselves. */
  static final Duration GRACE = Duration.ofSeconds(5);

  /** How long a stop waits before the remaining processes are killed. */
  static final Duration STOP = GRACE.plusSeconds(5);

  /**
   * Starts processes that do not run, and keeps those that run and still match.
   *
   * @param shape properties that cannot change while processes run
   * @param moves whether ports changed, which needs a restart
   * @param isNew whether no process of the cluster ever ran
   */
  void up(SupervisorPlan plan, String shape, boolean moves, boolean isNew) {
    String configuration = layout.configurationDigest();
    List<String> now = List.of(shape, configuration);
    Optional<List<String>> before = layout.startedWith();
    boolean sameShape = before.map(lines -> lines.get(0)).equals(Optional.of(shape));
    if (supervisor.isAlive() && (moves || !sameShape)) {
      supervisor.stop(STOP);
    }
    if (supervisor.isAlive() && !goesOn(plan)) {
      supervisor.stop(STOP);
    }
    if (!supervisor.isAlive()) {
      if (!isNew) {
        supervisor.reap();
      }
      layout.writeStartedWith(now);
      start(plan);
      return;
    }
    if (before.equals(Optional.of(now))) {
      supervisor.reload(plan, timeout);
    } else {
      rereadConfiguration(plan);
      layout.writeStartedWith(now);
    }
    startEnded();
    awaitStart(plan);
    Set<String> wanted = plan.daemons().stream().map(Daemon::name).collect(Collectors.toSet());
    await(state -> state.daemons().stream().map(DaemonState::name).allMatch(wanted::contains));
  }

  /**
   * Makes the plan's owner the owner of the processes. Returns false if they are about to end,
   * because a process that was killed meanwhile had sent the supervisor a command to end.
   */
  private boolean goesOn(SupervisorPlan plan) {
    try {
      supervisor.changeOwner(plan.owner(), timeout);
    } catch (SlurmClusterException e) {
      if (!isEnding()) {
        throw e;
      }
    }
    return !isEnding();
  }

  private boolean isEnding() {
    return !supervisor.isAlive()
        || supervisor
            .state()
            .filter(state -> state.phase().compareTo(SupervisorState.Phase.RUNNING) > 0)
            .isPresent();
  }

  private void start(SupervisorPlan plan) {
    if (!layout.hasState()) {
      supervisor.start(plan);
      awaitStart(plan);
      return;
    }
    List<Daemon> first =
        plan.daemons().stream()
            .filter(daemon -> !Daemons.isOfNode(daemon.name()))
            // It waits for a node.
            .filter(daemon -> !daemon.name().equals(Daemons.SSH_ARCHIVE))
            .toList();
    supervisor.start(new SupervisorPlan(plan.owner(), plan.grace(), plan.removals(), first));
    await(state -> is(state, Daemons.SLURMCTLD, Condition.READY) || hasEnded(state));
    if (supervisor.state().filter(ClusterProcesses::hasEnded).isEmpty()) {
      failLostJobs("ALL", List.of());
      supervisor.reload(plan, timeout);
      awaitStart(plan);
    }
  }

  /**
   * Restarts slurmctld, because Slurm 22.05 accepts new nodes only then, and slurmdbd, whose start
   * defines accounts. Jobs are not children of slurmctld and continue.
   */
  private void rereadConfiguration(SupervisorPlan plan) {
    supervisor.stop(Daemons.SLURMCTLD, GRACE.plus(timeout));
    boolean hasAccounting =
        plan.daemons().stream().map(Daemon::name).anyMatch(Daemons.SLURMDBD::equals);
    if (hasAccounting) {
      supervisor.stop(Daemons.SLURMDBD, GRACE.plus(timeout));
    }
    supervisor.reload(plan, timeout);
    if (hasAccounting) {
      supervisor.start(Daemons.SLURMDBD, timeout);
    }
    supervisor.start(Daemons.SLURMCTLD, timeout);
    run("scontrol", "reconfigure");
  }

  private void startEnded() {
    for (DaemonState daemon : supervisor.state().orElseThrow().daemons()) {
      if (daemon.hasEnded() && !daemon.name().equals(Daemons.SSH_ARCHIVE)) {
        Daemons.nodeOf(daemon.name())
            .ifPresent(node -> failLostJobs(node, List.of("--nodelist=" + node)));
        try {
          supervisor.start(daemon.name(), timeout);
        } catch (SlurmClusterException e) {
          if (Thread.currentThread().isInterrupted()) {
            throw e;
          }
          // It has ended again; the diagnosis shows its log.
          return;
        }
      }
    }
  }

  /**
   * Sets nodes down that had jobs when they were stopped. The jobs have no processes any more,
   * which slurmctld does not notice. Slurm then requeues them, or ends them as NODE_FAIL. The node
   * returns when its slurmd registers (ReturnToService=2).
   */
  private void failLostJobs(String nodes, List<String> which) {
    List<String> squeue =
        new ArrayList<>(
            List.of(
                "squeue", "--noheader", "--states=running,suspended,completing", "--format=%i"));
    squeue.addAll(which);
    if (!run(squeue.toArray(String[]::new)).isBlank()) {
      run("scontrol", "update", "nodename=" + nodes, "state=down", "reason=it was stopped");
    }
  }

  /**
   * Runs a command of Slurm and returns its standard output. A failure is ignored here: the
   * readiness reports it.
   */
  private String run(String... command) {
    CollectedOutput output = new CollectedOutput();
    return output.result(commands.run(List.of(command), output, timeout)).stdout();
  }

  /**
   * Waits until all daemons are ready, one has ended, or the time is over, which the readiness then
   * explains. It does not wait for the SSH server, which takes longest and which jobs do not need.
   */
  private void awaitStart(SupervisorPlan plan) {
    List<String> needed =
        plan.daemons().stream()
            .map(Daemon::name)
            .filter(name -> !name.equals(Daemons.SSHD) && !name.equals(Daemons.SSH_ARCHIVE))
            .toList();
    await(
        state ->
            needed.stream().allMatch(name -> is(state, name, Condition.READY)) || hasEnded(state));
  }

  private void await(Predicate<SupervisorState> condition) {
    try {
      supervisor.await(condition, timeout);
    } catch (SlurmClusterException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
    }
  }

  private static boolean is(SupervisorState state, String daemon, Condition condition) {
    return state.daemon(daemon).filter(each -> each.condition() == condition).isPresent();
  }

  private static boolean hasEnded(SupervisorState state) {
    return state.daemons().stream()
        .anyMatch(daemon -> daemon.hasEnded() && !daemon.name().equals(Daemons.SSH_ARCHIVE));
  }
}
