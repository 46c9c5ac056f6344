/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Reset;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterLock;
import io.github.slurmmaven.lifecycle.ClusterAccess;
import io.github.slurmmaven.lifecycle.ClusterEnd;
import io.github.slurmmaven.lifecycle.ClusterStart;
import io.github.slurmmaven.operations.BatchRun;
import io.github.slurmmaven.operations.JobImages;
import io.github.slurmmaven.operations.LogBundle;
import io.github.slurmmaven.operations.NodeCommands;
import io.github.slurmmaven.operations.NodeLogs;
import io.github.slurmmaven.operations.NodeWork;
import io.github.slurmmaven.operations.Nodes;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.ssh.SshConnection;
import io.github.slurmmaven.status.ClusterStatus;
import io.github.slurmmaven.status.StatusReport;
import io.github.slurmmaven.terminal.LocalTerminal;
import io.github.slurmmaven.terminal.Terminal;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A handle on a Slurm cluster that a {@link ClusterRequest} made. Every method may be called when
 * its work is done already, and then does nothing.
 *
 * <p>All methods throw {@link UserMistakeException} for what the user can mend, and {@link
 * SlurmClusterException} for what broke.
 */
public final class SlurmCluster implements AutoCloseable {

  /** How long a start waits when nobody says otherwise. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

  private final ClusterAccess access;
  private final ClusterId id;
  private final ClusterDirectory directory;
  private final boolean force;
  private final boolean keep;

  SlurmCluster(ClusterAccess access, boolean force, boolean keep) {
    this.access = access;
    this.force = force;
    this.keep = keep;
    id = access.id();
    directory = access.directory();
  }

  /** Finds a cluster by its name and directory; it need not run. */
  public static Builder builder() {
    return new Builder();
  }

  /** The cluster's name. */
  public String name() {
    return id.name();
  }

  /** Absolute path of the cluster's files. */
  public Path directory() {
    return id.directory();
  }

  /**
   * Brings the cluster up again as its files say, and returns when jobs can be submitted. When it
   * fails, what it brought up is gone again, unless it is to be kept.
   *
   * @throws UserMistakeException when it was not created yet; {@link ClusterRequest} does that
   */
  public Connection start() {
    return new ClusterStart(access, force, keep).start(List.of());
  }

  /**
   * Makes images usable by the jobs of the running cluster.
   *
   * @return with what a job calls each of them
   */
  public Connection load(List<ImageSource> images) {
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      return new JobImages(backend.provisioner(), access.files(), directory, access.progress())
          .load(images);
    }
  }

  /**
   * Stops the cluster; {@link #start} goes on with the same queue of jobs. A build leaves a cluster
   * running that was started by hand.
   */
  public void stop() {
    new ClusterEnd(access).stop();
  }

  /**
   * Stops the cluster or one of its nodes and starts it again, with the same queue of jobs.
   *
   * @param node which; empty for the whole cluster
   * @throws UserMistakeException when there is no such node
   */
  public Connection restart(Optional<String> node) {
    access.requireFiles(": slurm:destroy removes what is left of it");
    ClusterEnd end = new ClusterEnd(access);
    node.ifPresentOrElse(end::stop, end::stop);
    return start();
  }

  /**
   * Ends slurmctld, while nodes, jobs and SSH go on; {@link #startController} brings it back.
   * Meanwhile Slurm's commands say that they cannot contact it.
   */
  public void stopController() {
    disrupt(backend -> backend.disruptions().stopController(id));
  }

  /**
   * Starts slurmctld, which reads the configuration and its jobs; one that runs is ended before.
   * Returns when it answers.
   */
  public void startController() {
    disrupt(backend -> backend.disruptions().startController(id));
  }

  /**
   * Cuts a compute node off from the controller, while its jobs go on: its container leaves the
   * network. Where node and controller are one machine, its slurmd is paused instead.
   *
   * @throws UserMistakeException when the node runs no jobs
   */
  public void disconnect(String node) {
    disrupt(backend -> backend.disruptions().disconnect(id, existing(backend, node)));
  }

  /** Undoes {@link #disconnect}. Slurm may need half a minute until it uses the node again. */
  public void reconnect(String node) {
    disrupt(backend -> backend.disruptions().reconnect(access.files(), existing(backend, node)));
  }

  private String existing(ClusterBackend backend, String node) {
    return new Nodes(backend.inventory(), id).existing(node);
  }

  /** Breaks all SSH connections in the middle of whatever they do; new ones can be made. */
  public void dropConnections() {
    disrupt(backend -> backend.disruptions().dropConnections(id));
  }

  private void disrupt(Consumer<ClusterBackend> what) {
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      what.accept(backend);
    }
  }

  /**
   * Gives the cluster more or fewer compute nodes while it runs. What runs on a node that goes is
   * requeued by Slurm, or fails, as after a failure of the node.
   *
   * @param partition whose nodes are counted; empty for the default partition
   * @param computeNodes how many it shall have
   */
  public Connection scale(Optional<String> partition, int computeNodes) {
    return new ClusterStart(access, force, keep).scale(partition, computeNodes);
  }

  /**
   * Removes containers, network, volumes and files of the cluster. A build leaves a cluster as it
   * is that was started by hand.
   */
  public void destroy() {
    new ClusterEnd(access).destroy();
  }

  /** Destroys it. */
  @Override
  public void close() {
    destroy();
  }

  /**
   * Whether each node is a container, with files of its own; otherwise all nodes are processes of
   * one machine. A cluster whose files are elsewhere is not known to have containers.
   */
  public boolean runsInContainers() {
    return directory.backend() == BackendKind.DOCKER;
  }

  /** How to reach the cluster, if it was started and not stopped since. */
  public Optional<Connection> connection() {
    return directory.connectionFiles().read();
  }

  /** What there is of the cluster, and what Slurm says of it. */
  public ClusterStatus status() {
    try (ClusterBackend backend = access.connect()) {
      return new StatusReport(backend, id, directory).at(Instant.now());
    }
  }

  /**
   * What the nodes' daemons wrote: slurmctld, slurmd, munged, sshd and the node's entry point. With
   * follow until the nodes end or the thread is interrupted.
   *
   * @param node whose; empty for all nodes
   * @param lines gets node and line; from several threads when it follows several nodes
   * @throws UserMistakeException when there is no such node
   */
  public void logs(Optional<String> node, LogRequest request, BiConsumer<String, String> lines) {
    NodeLogs.check(request);
    try (ClusterBackend backend = access.connect()) {
      new NodeLogs(backend, id).read(node, request, lines);
    }
  }

  /**
   * Writes all that tells what the cluster is doing: the logs of its nodes, its files without
   * secrets, what Slurm says of nodes, jobs and partitions, and the state of its containers.
   *
   * @param directory made if it is missing; files of an earlier export are overwritten
   */
  public void exportLogs(Path directory) {
    try (ClusterBackend backend = access.connect()) {
      new LogBundle(backend, id).write(directory);
    }
  }

  /**
   * Runs a command on nodes, on all at the same time.
   *
   * @param nodes names or host lists, or roles; empty for the controller
   * @param user account to run it as; empty for the login's
   * @param command program and arguments
   * @param output where each node's output goes
   * @param timeout longest time for each node
   * @return exit status by node
   */
  public Map<String, Integer> run(
      List<String> nodes,
      Optional<String> user,
      List<String> command,
      Function<String, CommandOutput> output,
      Duration timeout) {
    requireText(user, command);
    return onNodes(work -> work.run(nodes, user, command, output, timeout));
  }

  /**
   * Runs a command on nodes, on all at the same time.
   *
   * @param nodes names or host lists, or roles; empty for the controller
   * @param user account to run it as; empty for the login's
   * @param command program and arguments
   * @param timeout longest time for each node
   * @return what it printed and its exit status, by node
   */
  public Map<String, CommandResult> run(
      List<String> nodes, Optional<String> user, List<String> command, Duration timeout) {
    Map<String, CollectedOutput> outputs = new ConcurrentHashMap<>();
    Function<String, CollectedOutput> output =
        node -> outputs.computeIfAbsent(node, each -> new CollectedOutput());
    Map<String, CommandResult> results = new TreeMap<>();
    run(nodes, user, command, output::apply, timeout)
        .forEach((node, status) -> results.put(node, output.apply(node).result(status)));
    return results;
  }

  /**
   * Runs a command line in bash on the controller, as the user who logs in and in that user's home.
   *
   * @param commandLine as one types it, for example {@code squeue --noheader | wc -l}
   * @return what it printed
   * @throws SlurmClusterException when its exit code is not 0, with command, exit code and standard
   *     error; {@link #tryRun(String)} returns such a result instead. Also when it has not ended in
   *     the time that {@link ClusterBuilder#timeout} allows
   */
  public CommandResult run(String commandLine) {
    return requireSuccess(commandLine, tryRun(commandLine));
  }

  /**
   * Runs a program on the controller without a shell, as the user who logs in.
   *
   * @param command program and arguments
   * @return what it printed
   * @throws SlurmClusterException as {@link #run(String)} does
   */
  public CommandResult run(List<String> command) {
    return requireSuccess(String.join(" ", command), tryRun(command));
  }

  /**
   * Runs a command line as {@link #run(String)} does, and returns its result whatever the exit
   * code.
   */
  public CommandResult tryRun(String commandLine) {
    return tryRun(bash(commandLine));
  }

  /** Runs a program as {@link #run(List)} does, and returns its result whatever the exit code. */
  public CommandResult tryRun(List<String> command) {
    requireText(Optional.empty(), command);
    return onNodes(work -> work.run(command, access.timeout()));
  }

  private CommandResult requireSuccess(String command, CommandResult result) {
    if (!result.ok()) {
      String said = (result.stderr().isBlank() ? result.stdout() : result.stderr()).strip();
      throw new SlurmClusterException(
          "On cluster %s, '%s' ended with exit code %d%s (where that is expected, use tryRun)"
              .formatted(id.name(), command, result.exitCode(), said.isEmpty() ? "" : ": " + said));
    }
    return result;
  }

  /** A command line as program and arguments, to be run in the account's home as over SSH. */
  public static List<String> bash(String commandLine) {
    return NodeWork.bash(commandLine);
  }

  /**
   * Runs a command on one node.
   *
   * @param node its name
   * @param user account to run it as; empty for the login's
   * @return exit status
   */
  public int run(
      String node,
      Optional<String> user,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    requireText(user, command);
    return onNodes(work -> work.run(node, user, command, output, timeout));
  }

  /**
   * Copies a file or directory of this machine into nodes, as root's, with its modes.
   *
   * @param nodes names or host lists, or roles; empty for all
   * @param target path there; a relative one begins in the login's home
   */
  public void copy(Path source, List<String> nodes, String target) {
    if (!Files.exists(source)) {
      throw new InvalidParameterException("source", source, "does not exist");
    }
    String there = NodeWork.path("target", target);
    try (ClusterBackend backend = access.connect()) {
      new NodeWork(backend, id).copy(source, nodes, there);
    }
  }

  /**
   * Copies a file or directory of a node to this machine, with its modes.
   *
   * @param node name; empty for the controller
   * @param source path there; a relative one begins in the login's home
   */
  public void copyBack(Optional<String> node, String source, Path target) {
    String there = NodeWork.path("source", source);
    try (ClusterBackend backend = access.connect()) {
      new NodeWork(backend, id).copyBack(node, there, target);
    }
  }

  private static void requireText(Optional<String> user, List<String> command) {
    NodeWork.requireText("user", user.stream());
    NodeWork.requireText("command", command.stream());
  }

  private <T> T onNodes(Function<NodeWork, T> work) {
    try (ClusterBackend backend = access.connect()) {
      return work.apply(new NodeWork(backend, id));
    }
  }

  /**
   * Opens a shell with the person's terminal.
   *
   * @param node where; empty for the controller, which is reached over SSH as everybody's tests
   *     reach it
   * @param terminalType what the terminal is, as in the variable TERM
   * @return exit status of the shell
   */
  public int shell(Optional<String> node, Optional<String> user, String terminalType) {
    return shell(node, user, () -> terminal(terminalType));
  }

  private Terminal terminal(String type) {
    try {
      return LocalTerminal.open(type);
    } catch (UserMistakeException e) {
      throw new UserMistakeException(
          "No shell can be opened: %s. Run one command with -Dslurm.command=…, or use %s"
              .formatted(e.getMessage(), SshFiles.command(directory().resolve("ssh/config"))),
          e);
    }
  }

  /** As the other, on any terminal, for tests. */
  int shell(Optional<String> node, Optional<String> user, Supplier<Terminal> terminal) {
    if (node.isPresent()) {
      return onNodes(work -> work.shell(node.get(), user, terminal));
    }
    try (SshConnection ssh = ssh(user);
        Terminal screen = terminal.get()) {
      return ssh.shell(screen);
    }
  }

  private SshConnection ssh(Optional<String> user) {
    access.requireFiles(", nor keys to log in with: a node that is named needs none");
    Connection connection = connection().orElseThrow(() -> Nodes.notRunning(id));
    return user.map(name -> SshConnection.open(connection, name))
        .orElseGet(() -> SshConnection.open(connection));
  }

  /**
   * Runs a command line over SSH on the controller, as everybody's tests do.
   *
   * @return its exit status
   */
  public int ssh(Optional<String> user, String command, OutputStream out, OutputStream err) {
    NodeWork.requireText("user", user.stream());
    NodeWork.requireText("command", Stream.of(command));
    try (SshConnection ssh = ssh(user)) {
      return ssh.run(command, out, err);
    }
  }

  /**
   * Submits a batch script of this machine.
   *
   * @throws UserMistakeException when sbatch refuses it, in its words
   */
  public JobId submit(Path script, String... arguments) {
    try (ClusterBackend backend = access.connect()) {
      return batch(backend).submit(script, SshDefinition.USER, List.of(), List.of(arguments));
    }
  }

  /**
   * Submits a batch script of this machine, passes on its output while it is written, and waits for
   * the job's end. The job is cancelled when this thread is interrupted.
   *
   * @param script file of this machine
   * @param options options of sbatch, before the script
   * @param arguments arguments of the script
   * @param timeout after which the job is cancelled
   * @return the job as it ended; of an array, the first task that did not complete, or the last;
   *     empty when options such as {@code --test-only} made sbatch submit none
   */
  public Optional<Job> submit(
      Path script,
      Optional<String> user,
      List<String> options,
      List<String> arguments,
      CommandOutput output,
      Duration timeout) {
    NodeWork.requireText("user", user.stream());
    NodeWork.requireText("options", options.stream());
    NodeWork.requireText("arguments", arguments.stream());
    try (ClusterBackend backend = access.connect()) {
      return batch(backend)
          .run(script, user.orElse(SshDefinition.USER), options, arguments, output, timeout);
    }
  }

  /**
   * Waits until jobs have ended.
   *
   * @return the jobs as they ended; each task of an array is one
   * @throws UserMistakeException when Slurm does not know one of them
   */
  public List<Job> await(Collection<JobId> jobs, Duration timeout) {
    try (ClusterBackend backend = access.connect()) {
      return slurm(backend)
          .await(
              jobs,
              JobState.TERMINAL,
              job -> access.progress().step("Job %s is %s".formatted(job.id(), job.state())),
              timeout);
    }
  }

  /**
   * Waits until a job has ended.
   *
   * @return the job as it ended; of an array, the first task that did not complete, or the last
   */
  public Job await(JobId job, Duration timeout) {
    try (ClusterBackend backend = access.connect()) {
      return slurm(backend).await(job, timeout);
    }
  }

  /**
   * What accounting has recorded of a job, with its steps; of an array, of each of its tasks.
   *
   * @return empty when accounting knows nothing of the job, or not yet: slurmdbd is told of a job
   *     within a second or so
   * @throws UserMistakeException when the cluster has no accounting
   */
  public List<JobRecord> records(JobId job) {
    try (ClusterBackend backend = access.connect()) {
      return slurm(backend).records(job);
    }
  }

  /** Waits until the cluster can be used: every node works, a job has run on every partition. */
  public void awaitReady() {
    new ClusterStart(access, force, keep).awaitReady();
  }

  /**
   * Gives the next test suite a clean queue: cancels all jobs, waits for their end, and makes the
   * nodes idle.
   */
  public Reset reset() {
    long begin = System.nanoTime();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      Reset reset = slurm(backend).reset(access.timeout());
      access
          .progress()
          .step(
              "Cluster %s reset in %.2f s: %s cancelled, %s taken back"
                  .formatted(
                      id.name(),
                      ClusterAccess.seconds(begin),
                      ClusterAccess.count(reset.jobs().size(), "job"),
                      ClusterAccess.count(reset.nodes().size(), "node")));
      return reset;
    }
  }

  private BatchRun batch(ClusterBackend backend) {
    return new BatchRun(
        backend.nodeAccess(),
        id,
        new Nodes(backend.inventory(), id).controller(),
        access.progress());
  }

  private Slurm slurm(ClusterBackend backend) {
    return new Slurm(
        new NodeCommands(
            backend.nodeAccess(), id, new Nodes(backend.inventory(), id).controller()));
  }

  /** Says where a cluster is; null means the default. */
  public static final class Builder extends ClusterBuilder<Builder> {

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * The handle; nothing is touched yet.
     *
     * @throws InvalidParameterException naming parameter, value and what is allowed
     */
    public SlurmCluster build() {
      String valid = ClusterParameters.builder().name(name).build().validName();
      return new SlurmCluster(access(valid, () -> SlurmVersion.DEFAULT), force, keep);
    }
  }
}
