/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.slurm.NodeState;
import io.github.slurmmaven.slurm.SchedulerStatistics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What goes wrong with a real cluster, on demand. Everything is done to the cluster itself, and
 * what is returned mends it when it is closed.
 *
 * <pre>{@code
 * try (Fault fault = new Faults(cluster).drain("compute-0", "bad disk")) {
 *   …
 * }
 * }</pre>
 *
 * <p>All methods throw {@link SlurmClusterException} when the cluster does not take it, in its
 * words.
 */
public final class Faults {

  /** Something that is wrong until it is closed. */
  @FunctionalInterface
  public interface Fault extends AutoCloseable {

    /** Mends it, and returns when the cluster can be used as before. */
    @Override
    void close();
  }

  /** Slurm's own for a process that grew too large: SIG_OOM. */
  private static final int OUT_OF_MEMORY = 253;

  /** Slurm has no command for it, so its library says what slurmstepd would say. */
  private static final String COMPLETE_JOB =
      """
      import ctypes, glob, sys
      slurm = ctypes.CDLL(glob.glob("/usr/lib/*/slurm-wlm/libslurmfull.so")[0], mode=ctypes.RTLD_GLOBAL)
      slurm.slurm_init(None)
      job, status = [ctypes.c_uint32(int(word)) for word in sys.argv[1:]]
      sys.exit(slurm.slurm_complete_job(job, status) and "Slurm refuses to end the job")
      """;

  private static final String PREEMPTING = "preempting";
  private static final Pattern NODES = Pattern.compile("(?m)^ +NodeList=(?!\\(null\\))(\\S+)");
  private static final Pattern NUMBER = Pattern.compile("^JobId=(\\d+)");

  private final SlurmCluster cluster;
  private final Administrator administrator;

  public Faults(SlurmCluster cluster) {
    this.cluster = cluster;
    administrator = Administrator.of(cluster);
  }

  // Nodes.

  /** A node takes no new jobs; those that run there go on. */
  public Fault drain(String node, String reason) {
    administrator.update("NodeName=" + node, "State=drain", "Reason=" + reason);
    return () -> resume(node);
  }

  /** A node is down; jobs that run there are queued again, or end as NODE_FAIL. */
  public Fault down(String node, String reason) {
    administrator.update("NodeName=" + node, "State=down", "Reason=" + reason);
    return () -> resume(node);
  }

  /** Returns when the node answers again. */
  private void resume(String node) {
    try {
      administrator.update("NodeName=" + node, "State=resume");
    } catch (SlurmClusterException e) {
      // Slurm refuses that for a node that has come back meanwhile, by registering again.
      if (administrator.states(Optional.of(node)).values().stream().anyMatch(NodeState::isOut)) {
        throw e;
      }
    }
    administrator.awaitNodes(Optional.of(node));
  }

  /**
   * The controller and a compute node cannot reach each other any more, while the node's jobs go
   * on: its container is taken off the network. Where node and controller are one machine, as in
   * the preset {@code cpu} and without containers, the node's slurmd is paused instead. Slurm
   * notices within seconds ({@code idle*}), and after SlurmdTimeout (30 s here) the node is {@code
   * down*}.
   *
   * @throws UserMistakeException when it is no compute node
   */
  public Fault cutOff(String node) {
    cluster.disconnect(node);
    return () -> {
      cluster.reconnect(node);
      administrator.awaitNodes(Optional.of(node));
    };
  }

  // Controller and scheduler.

  /** slurmctld is there and does not answer: clients time out. */
  public Fault pauseController() {
    // Nobody can be asked any more afterwards.
    String pid = administrator.run("cat", administrator.setting("SlurmctldPidFile")).strip();
    administrator.run("kill", "-STOP", pid);
    return () -> administrator.run("kill", "-CONT", pid);
  }

  /** slurmctld is gone: clients cannot contact it. Jobs go on, and it remembers all of them. */
  public Fault stopController() {
    cluster.stopController();
    return this::startController;
  }

  /** slurmctld ends and starts again; returns when it answers and all nodes have registered. */
  public void restartController() {
    stopController().close();
  }

  // Accounting.

  /**
   * The database of accounting is there and does not answer: sacct waits, and jobs go on. Slurm
   * keeps their records until it is closed.
   *
   * @throws UserMistakeException when the cluster has no accounting
   */
  public Fault pauseDatabase() {
    requireAccounting("pauseDatabase");
    String pid = administrator.run("cat", runtimeFile("slurm-accounting/mariadbd.pid")).strip();
    administrator.run("sh", "-c", "kill -STOP " + pid);
    return () -> {
      administrator.run("sh", "-c", "kill -CONT " + pid);
      awaitAccounting();
    };
  }

  /**
   * slurmdbd is gone: sacct cannot contact it, and jobs go on. slurmctld keeps their records until
   * it is closed.
   *
   * @throws UserMistakeException when the cluster has no accounting
   */
  public Fault stopSlurmdbd() {
    requireAccounting("stopSlurmdbd");
    String pid = administrator.run("cat", runtimeFile("slurmdbd.pid")).strip();
    // Keeps slurmdbd from being started again.
    String stopped = runtimeFile("slurm-accounting/slurmdbd.stopped");
    Fault fault =
        () -> {
          administrator.run("rm", "-f", stopped);
          if (administrator.hasContainers()) {
            // The container's first process then looks for daemons that it is to start again.
            administrator.run("kill", "-USR1", "1");
          }
          awaitAccounting();
        };
    try {
      administrator.run("touch", stopped);
      administrator.run("sh", "-c", "kill " + pid);
      administrator.await(() -> administrator.isAlive(pid) ? "slurmdbd has not ended" : "");
      return fault;
    } catch (RuntimeException e) {
      fault.close();
      throw e;
    }
  }

  /** Where the controller has what it keeps in /run of its container. */
  private String runtimeFile(String name) {
    Path directory =
        administrator.hasContainers() ? Path.of("/run") : cluster.directory().resolve("run");
    return directory.resolve(name).toString();
  }

  private void requireAccounting(String fault) {
    if (!administrator.setting("AccountingStorageType").equals("accounting_storage/slurmdbd")) {
      throw new UserMistakeException(
          "%s needs a cluster with accounting, and %s has none: set accounting to true"
              .formatted(fault, cluster.name()));
    }
  }

  private void awaitAccounting() {
    administrator.await(
        () ->
            cluster.tryRun(List.of("sacctmgr", "--noheader", "show", "cluster")).ok()
                ? ""
                : "slurmdbd does not answer");
  }

  private void startController() {
    cluster.startController();
    administrator.awaitNodes(Optional.empty());
  }

  /**
   * Jobs wait up to that long before slurmctld looks for nodes for them, also when there are free
   * ones. It is restarted for that, and when the fault is closed.
   *
   * @param pace a second or more
   */
  public Fault slowScheduler(Duration pace) {
    long seconds = pace.toSeconds();
    if (seconds < 1) {
      throw new InvalidParameterException("pace", pace, "is too short: use a second or more");
    }
    String parameters =
        ("SchedulerParameters=defer,batch_sched_delay=%1$d,sched_interval=%1$d,bf_interval=%1$d,"
                + "sched_min_interval=%1$d000000%n")
            .formatted(seconds);
    Fault fault =
        configured(text -> text.replaceAll("(?mi)^SchedulerParameters *=.*\\R", "") + parameters);
    // The first look comes at once, whatever the parameters say.
    administrator.await(
        () ->
            SchedulerStatistics.read(administrator.run("sdiag")).cycles() > 0
                ? ""
                : "slurmctld has not begun to look for nodes");
    return fault;
  }

  /** Another slurm.conf until it is closed. */
  private Fault configured(UnaryOperator<String> change) {
    Path file = administrator.slurmConf();
    String before = read(file);
    write(file, change.apply(before));
    Fault fault =
        () -> {
          write(file, before);
          startController();
        };
    try {
      startController();
      return fault;
    } catch (RuntimeException e) {
      fault.close();
      throw e;
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UserMistakeException(
          "slurm.conf must be changed for this, but the files of the cluster are not here: " + file,
          e);
    }
  }

  private static void write(Path file, String text) {
    try {
      // In its place: containers see this very file.
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("slurm.conf cannot be changed: " + file, e);
    }
  }

  /** No job of a partition starts any more; those that run go on. */
  public Fault fullQueue(String partition) {
    administrator.update("PartitionName=" + partition, "State=down");
    return () -> administrator.update("PartitionName=" + partition, "State=up");
  }

  // What is around Slurm.

  /** All SSH connections break in the middle of whatever they do; new ones can be made. */
  public void dropConnections() {
    cluster.dropConnections();
  }

  /**
   * There is no space left in the homes of all users, on all nodes: they are on a small disk, with
   * the files that they had, and the disk is full. What is written there meanwhile, into space that
   * is freed, is gone when the fault is closed; what has a file open goes on with it as it was.
   *
   * @throws UserMistakeException without containers, where homes are on a disk of this machine
   */
  public Fault fullHome() {
    requireContainers("A disk of this machine is not filled");
    String script = Resources.text(Faults.class, "full-home.sh");
    Fault fault =
        () -> {
          administrator.run("bash", "-c", script, "full-home", "restore");
          administrator.on(List.of("all"), "bash", "-c", script, "full-home", "free");
        };
    try {
      administrator.on(List.of("all"), "bash", "-c", script, "full-home", "fill");
      administrator.run("bash", "-c", script, "full-home", "replace");
      return fault;
    } catch (RuntimeException e) {
      fault.close();
      throw e;
    }
  }

  private void requireContainers(String what) {
    if (!administrator.hasContainers()) {
      throw new UserMistakeException(
          "%s: cluster %s does not run in containers, use engine = \"docker\""
              .formatted(what, cluster.name()));
    }
  }

  // Jobs.

  /** A job is cancelled by the administrator: it ends as CANCELLED. */
  public void cancel(JobId job) {
    administrator.run("scancel", job.toString());
  }

  /** A running job is queued again, shows as PENDING with one more restart, and runs 6 s later. */
  public void requeue(JobId job) {
    administrator.run("scontrol", "requeue", job.toString());
  }

  /** A running job ends as NODE_FAIL, as its node goes down for a moment. */
  public void fail(JobId job, String node) {
    administrator.update("JobId=" + job, "Requeue=0");
    down(node, "fault of job " + job).close();
  }

  /** A running job has reached its time limit. Slurm sees that within half a minute: TIMEOUT. */
  public void timeOut(JobId job) {
    administrator.update("JobId=" + job, "TimeLimit=0");
  }

  /**
   * A running job ends as OUT_OF_MEMORY, as where the kernel has killed it.
   *
   * @throws UserMistakeException without containers, where nothing can tell slurmctld so
   */
  public void outOfMemory(JobId job) {
    requireContainers("Slurm says OUT_OF_MEMORY of what the kernel has killed in a cgroup");
    administrator.run(
        "python3", "-I", "-c", COMPLETE_JOB, find(NUMBER, job), Integer.toString(OUT_OF_MEMORY));
  }

  /**
   * A running job gives way to a more important one: it ends as PREEMPTED, and so do the other jobs
   * on its nodes. slurmctld is restarted for that, twice.
   */
  public void preempt(JobId job) {
    String nodes = find(NODES, job);
    String preemption =
        """

        PreemptType=preempt/partition_prio
        PreemptMode=CANCEL
        PartitionName=%s Nodes=%s PriorityTier=60000 Hidden=YES MaxTime=1 State=UP
        """
            .formatted(PREEMPTING, nodes);
    try (Fault fault =
        configured(text -> text.replaceAll("(?mi)^Preempt(Type|Mode) *=.*\\R", "") + preemption)) {
      String important =
          administrator
              .run(
                  "sbatch",
                  "--parsable",
                  "--partition=" + PREEMPTING,
                  "--nodelist=" + nodes,
                  "--exclusive",
                  "--chdir=/",
                  "--output=/dev/null",
                  "--job-name=" + PREEMPTING,
                  "--wrap=true")
              .strip();
      administrator.await(
          () ->
              administrator
                      .run("squeue", "--noheader", "--jobs=" + important, "--format=%T")
                      .isBlank()
                  ? ""
                  : "job %s still waits for the nodes of job %s".formatted(important, job));
    }
  }

  private String find(Pattern what, JobId job) {
    Matcher found = what.matcher(administrator.run("scontrol", "show", "job", job.toString()));
    if (!found.find()) {
      throw new SlurmClusterException("Job %s does not run".formatted(job));
    }
    return found.group(1);
  }
}
