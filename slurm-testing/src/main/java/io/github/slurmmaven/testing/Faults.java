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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Causes failures of a real cluster on demand. Each fault happens to the cluster itself, and
 * closing the returned {@link Fault} repairs it.
 *
 * <pre>{@code
 * try (Fault fault = new Faults(cluster).drain("compute-0", "bad disk")) {
 *   …
 * }
 * }</pre>
 *
 * <p>All methods throw {@link SlurmClusterException} if the cluster refuses, with its message.
 */
public final class Faults {

  /** A fault, which lasts until it is closed. */
  @FunctionalInterface
  public interface Fault extends AutoCloseable {

    /** Repairs the fault, and returns when the cluster can be used as before. */
    @Override
    void close();
  }

  /** Slurm's signal number for a process that grew too large: SIG_OOM. */
  private static final int OUT_OF_MEMORY = 253;

  /** Sends slurmstepd's message through Slurm's library, because Slurm has no command for it. */
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

  /** When a job that was queued again may begin. */
  private static final Pattern BEGIN = Pattern.compile("EligibleTime=(\\d+)");

  /** slurmctld's PERIODIC_TIMEOUT, and a second. */
  private static final Duration LIMITS_ARE_CHECKED = Duration.ofSeconds(31);

  private static final Pattern NUMBER = Pattern.compile("^JobId=(\\d+)");

  private final SlurmCluster cluster;
  private final Administrator administrator;

  public Faults(SlurmCluster cluster) {
    this.cluster = cluster;
    administrator = Administrator.of(cluster);
  }

  // Nodes.

  /** Drains a node: it takes no new jobs, and those that run there continue. */
  public Fault drain(String node, String reason) {
    administrator.update("NodeName=" + node, "State=drain", "Reason=" + reason);
    return () -> resume(node);
  }

  /**
   * Takes a node down: jobs that run there are requeued, or end as NODE_FAIL. slurmctld reads its
   * configuration again for that, and once more when the fault is closed.
   */
  public Fault down(String node, String reason) {
    // Otherwise slurmctld resumes the node when its slurmd registers, which it does from time to
    // time.
    Fault staysDown =
        configured(
            this::reconfigure,
            text -> text.replaceAll("(?mi)^ReturnToService *=.*\\R", "") + "ReturnToService=0\n");
    Fault fault =
        () -> {
          try {
            staysDown.close();
          } finally {
            resume(node);
          }
        };
    try {
      setDown(node, reason);
      return fault;
    } catch (RuntimeException e) {
      staysDown.close();
      throw e;
    }
  }

  private void setDown(String node, String reason) {
    administrator.update("NodeName=" + node, "State=down", "Reason=" + reason);
  }

  /** Resumes a node, and returns when it answers again. */
  private void resume(String node) {
    try {
      administrator.update("NodeName=" + node, "State=resume");
    } catch (SlurmClusterException e) {
      // Slurm refuses to resume a node that has registered again meanwhile.
      if (administrator.states(Optional.of(node)).values().stream().anyMatch(NodeState::isOut)) {
        throw e;
      }
    }
    administrator.awaitNodes(Optional.of(node));
  }

  /**
   * Cuts a compute node off from the controller, while the node's jobs continue: its container is
   * taken off the network. If node and controller are one machine, as in the preset {@code cpu} and
   * without containers, the node's slurmd is paused instead. Slurm notices within seconds ({@code
   * idle*}), and after SlurmdTimeout (30 s here) the node is {@code down*}.
   *
   * @throws UserMistakeException if it is not a compute node
   */
  public Fault cutOff(String node) {
    cluster.disconnect(node);
    return () -> {
      cluster.reconnect(node);
      administrator.awaitNodes(Optional.of(node));
    };
  }

  // Controller and scheduler.

  /** Pauses slurmctld: it is there but does not answer, and clients time out. */
  public Fault pauseController() {
    // Afterwards, slurmctld cannot be queried any more.
    String pid = administrator.run("cat", administrator.setting("SlurmctldPidFile")).strip();
    administrator.run("kill", "-STOP", pid);
    return () -> administrator.run("kill", "-CONT", pid);
  }

  /**
   * Ends slurmctld: clients cannot contact it. Jobs continue, and slurmctld knows all of them
   * afterwards.
   */
  public Fault stopController() {
    cluster.stopController();
    return this::startController;
  }

  /** Ends slurmctld and starts it again; returns when it answers and all nodes have registered. */
  public void restartController() {
    stopController().close();
  }

  // Accounting.

  /**
   * Pauses the database of accounting: it is there but does not answer. sacct waits, and jobs
   * continue. Slurm keeps their records until the fault is closed.
   *
   * @throws UserMistakeException if the cluster has no accounting
   */
  public Fault pauseDatabase() {
    requireAccounting("pauseDatabase");
    String pid = administrator.run("cat", runtimeFile("slurm-accounting/mariadbd.pid")).strip();
    administrator.run("sh", "-c", "kill -STOP " + pid);
    return () -> {
      administrator.run("sh", "-c", "kill -CONT " + pid);
      awaitAccounting(() -> {});
    };
  }

  /**
   * Ends slurmdbd: sacct cannot contact it, and jobs continue. slurmctld keeps their records until
   * the fault is closed.
   *
   * @throws UserMistakeException if the cluster has no accounting
   */
  public Fault stopSlurmdbd() {
    requireAccounting("stopSlurmdbd");
    String pid = administrator.run("cat", runtimeFile("slurmdbd.pid")).strip();
    // Keeps slurmdbd from being started again.
    String stopped = runtimeFile("slurm-accounting/slurmdbd.stopped");
    Fault fault =
        () -> {
          administrator.run("rm", "-f", stopped);
          awaitAccounting(
              () -> {
                if (administrator.hasContainers()) {
                  // The container's first process then looks for daemons that it is to start again.
                  // It misses one that comes just before it waits for signals.
                  administrator.run("kill", "-USR1", "1");
                }
              });
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

  /** Returns the path of a controller's file in /run of its container. */
  private String runtimeFile(String name) {
    Path directory =
        administrator.hasContainers() ? Path.of("/run") : cluster.directory().resolve("run");
    return directory.resolve(name).toString();
  }

  // REST.

  /**
   * Ends slurmrestd: connections to it are refused, and Slurm continues without it.
   *
   * @throws UserMistakeException when the cluster has none
   */
  public Fault stopRest() {
    cluster.stopRest();
    return cluster::startRest;
  }

  private void requireAccounting(String fault) {
    if (!administrator.setting("AccountingStorageType").equals("accounting_storage/slurmdbd")) {
      throw new UserMistakeException(
          "%s needs a cluster with accounting, and %s has none: set accounting to true"
              .formatted(fault, cluster.name()));
    }
  }

  /**
   * Waits until slurmdbd and its database answer.
   *
   * @param help action before each check
   */
  private void awaitAccounting(Runnable help) {
    administrator.await(
        () -> {
          help.run();
          return cluster.tryRun(List.of("sacctmgr", "--noheader", "show", "cluster")).ok()
              ? ""
              : "slurmdbd does not answer";
        });
  }

  private void reconfigure() {
    administrator.run("scontrol", "reconfigure");
  }

  private void startController() {
    cluster.startController();
    administrator.awaitNodes(Optional.empty());
  }

  /**
   * Slows slurmctld's scheduler: jobs wait for up to {@code pace} before slurmctld looks for nodes
   * for them, even if nodes are free. slurmctld is restarted for that, and again when the fault is
   * closed.
   *
   * @param pace one second or more
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
        configured(
            this::startController,
            text -> text.replaceAll("(?mi)^SchedulerParameters *=.*\\R", "") + parameters);
    // The first cycle runs at once, with any parameters.
    administrator.await(
        () ->
            SchedulerStatistics.read(administrator.run("sdiag")).cycles() > 0
                ? ""
                : "slurmctld has not begun to look for nodes");
    return fault;
  }

  /** Changes slurm.conf until the fault is closed; {@code reread} makes slurmctld read it. */
  private Fault configured(Runnable reread, UnaryOperator<String> change) {
    Path file = administrator.slurmConf();
    String before = read(file);
    write(file, change.apply(before));
    Fault fault =
        () -> {
          write(file, before);
          reread.run();
        };
    try {
      reread.run();
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
          "This fault changes slurm.conf, but the cluster's files are not on this machine: " + file,
          e);
    }
  }

  private static void write(Path file, String text) {
    try {
      // Written in place, because containers mount this file.
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("slurm.conf cannot be changed: " + file, e);
    }
  }

  /** Stops a partition from starting jobs; jobs that run continue. */
  public Fault fullQueue(String partition) {
    administrator.update("PartitionName=" + partition, "State=down");
    return () -> administrator.update("PartitionName=" + partition, "State=up");
  }

  // Around Slurm.

  /** Breaks all open SSH connections, also busy ones; new ones can be made. */
  public void dropConnections() {
    cluster.dropConnections();
  }

  /**
   * Fills the homes of all users, on all nodes: they are moved to a small disk, with the files that
   * they had, and the disk is full. Files that are written meanwhile, into space that was freed,
   * are lost when the fault is closed. A program that has a file open keeps it as it was.
   *
   * @throws UserMistakeException without containers, because homes are on a disk of this machine
   *     there
   */
  public Fault fullHome() {
    requireContainers("No fault fills a disk of this machine");
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

  /** Cancels a job as the administrator: it ends as CANCELLED. */
  public void cancel(JobId job) {
    administrator.run("scancel", job.toString());
  }

  /**
   * Requeues a running job: it has one more restart, and runs again at once. Slurm would let it
   * wait for 6 s; the cluster's clock is moved forward by them.
   */
  public void requeue(JobId job) {
    administrator.run("scontrol", "requeue", job.toString());
    runAgain(job);
  }

  /**
   * Has a job run again at once that is queued again, for example by a {@code scontrol requeue} of
   * its own. Slurm would let it wait for 6 s; the cluster's clock is moved forward by them. Waits
   * for the job to be queued.
   */
  public void runAgain(JobId job) {
    administrator.await(
        () -> {
          String record = record(job);
          boolean again = record.contains("JobState=PENDING") && !record.contains("Restarts=0");
          return again ? "" : "it is not queued again";
        });
    Matcher begin = BEGIN.matcher(record(job));
    while (begin.find()) {
      // The second has passed only with the next one.
      Duration wait =
          Duration.between(
              cluster.clock().now(), Instant.ofEpochSecond(Long.parseLong(begin.group(1)) + 1));
      cluster.clock().advance(wait.isNegative() ? Duration.ZERO : wait);
    }
  }

  /** Returns slurmctld's data of a job, with times as seconds. */
  private String record(JobId job) {
    return administrator.run(
        "env", "SLURM_TIME_FORMAT=%s", "scontrol", "show", "job", job.toString());
  }

  /** Makes a running job end as NODE_FAIL, by taking its node down for a moment. */
  public void fail(JobId job, String node) {
    administrator.update("JobId=" + job, "Requeue=0");
    setDown(node, "fault of job " + job);
    resume(node);
  }

  /**
   * Makes a running job exceed its time limit: it ends as TIMEOUT. Slurm looks for such jobs each
   * half a minute; the cluster's clock is moved forward by it.
   */
  public void timeOut(JobId job) {
    administrator.update("JobId=" + job, "TimeLimit=0");
    cluster.clock().advance(LIMITS_ARE_CHECKED);
  }

  /**
   * Makes a running job end as OUT_OF_MEMORY, as if the kernel had killed it.
   *
   * @throws UserMistakeException without containers, because nothing can report this to slurmctld
   *     there
   */
  public void outOfMemory(JobId job) {
    requireContainers(
        "Slurm reports OUT_OF_MEMORY only of a process that the kernel has killed in a cgroup");
    administrator.run(
        "python3", "-I", "-c", COMPLETE_JOB, find(NUMBER, job), Integer.toString(OUT_OF_MEMORY));
  }

  /**
   * Makes a running job give way to a more important one: it ends as PREEMPTED, and so do the other
   * jobs on its nodes. slurmctld is restarted twice for that.
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
        configured(
            this::startController,
            text -> text.replaceAll("(?mi)^Preempt(Type|Mode) *=.*\\R", "") + preemption)) {
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
