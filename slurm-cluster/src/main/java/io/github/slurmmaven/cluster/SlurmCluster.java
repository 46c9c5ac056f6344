/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterClock;
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
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.ScriptCheck;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.common.CommandLine;
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
import io.github.slurmmaven.operations.JobScripts;
import io.github.slurmmaven.operations.LogBundle;
import io.github.slurmmaven.operations.NodeCommands;
import io.github.slurmmaven.operations.NodeLogs;
import io.github.slurmmaven.operations.NodeWork;
import io.github.slurmmaven.operations.Nodes;
import io.github.slurmmaven.operations.OpenApiDocument;
import io.github.slurmmaven.report.HistoryReport;
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
 * A handle on a Slurm cluster that a {@link ClusterRequest} created. A method whose work is already
 * done does nothing.
 *
 * <p>All methods throw {@link UserMistakeException} if the user can fix the cause, and {@link
 * SlurmClusterException} if something broke.
 */
public final class SlurmCluster implements AutoCloseable {

  /** Longest time for a start unless another is set. */
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

  /** Returns the cluster's name. */
  public String name() {
    return id.name();
  }

  /** Returns the absolute path of the cluster's directory. */
  public Path directory() {
    return id.directory();
  }

  /**
   * Starts the cluster again from its files, and returns when jobs can be submitted. If the start
   * fails, everything that it started is removed, unless the cluster is to be kept.
   *
   * @throws UserMistakeException if it was not created yet, which {@link ClusterRequest} does
   */
  public Connection start() {
    return new ClusterStart(access, force, keep).start(List.of());
  }

  /**
   * Makes images available to the jobs of the running cluster.
   *
   * @return the connection, with the name by which a job runs each image
   */
  public Connection load(List<ImageSource> images) {
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      return new JobImages(backend.provisioner(), access.files(), directory, access.progress())
          .load(images);
    }
  }

  /**
   * Stops the cluster; {@link #start} continues with the same job queue. If this process is a
   * build, a cluster that was started by hand keeps running.
   */
  public void stop() {
    new ClusterEnd(access).stop();
  }

  /**
   * Stops the cluster or one of its nodes and starts it again, with the same job queue.
   *
   * @param node the node; empty for the whole cluster
   * @throws UserMistakeException if there is no such node
   */
  public Connection restart(Optional<String> node) {
    access.requireFiles(": slurm:destroy removes what is left of it");
    ClusterEnd end = new ClusterEnd(access);
    node.ifPresentOrElse(end::stop, end::stop);
    return start();
  }

  /**
   * Ends slurmctld, while nodes, jobs and SSH continue. Until {@link #startController}, Slurm's
   * commands report that they cannot contact it.
   */
  public void stopController() {
    disrupt(backend -> backend.disruptions().stopController(id));
  }

  /**
   * Starts slurmctld, or restarts it if it runs. It reads the configuration and its jobs. Returns
   * when it answers.
   */
  public void startController() {
    disrupt(backend -> backend.disruptions().startController(id));
  }

  /**
   * Ends slurmrestd, while Slurm continues without it; {@link #startRest} starts it again.
   *
   * @throws UserMistakeException when the cluster has none
   */
  public void stopRest() {
    requireRest();
    disrupt(backend -> backend.disruptions().stopRest(id));
  }

  /**
   * Starts slurmrestd again; returns when it answers, and does not wait for slurmctld and the
   * nodes.
   *
   * @throws UserMistakeException when the cluster has none
   */
  public void startRest() {
    requireRest();
    disrupt(backend -> backend.disruptions().startRest(id));
    new ClusterStart(access, force, keep).awaitRest();
  }

  private void requireRest() {
    access.requireFiles(": slurm:destroy removes what is left of it");
    if (access.files().definition().rest().isEmpty()) {
      throw new UserMistakeException(
          "Cluster %s has no slurmrestd: create it with rest set to true".formatted(id.name()));
    }
  }

  /**
   * Makes a token for slurmrestd.
   *
   * @param user the user whom it authenticates; empty for the user who logs in
   * @param lifetime how long slurmctld accepts it, by the cluster's clock
   * @throws UserMistakeException when the cluster has no slurmrestd
   */
  public String token(Optional<String> user, Duration lifetime) {
    requireRest();
    if (lifetime.isNegative()) {
      throw new InvalidParameterException(
          "lifetime", lifetime.toSeconds(), "is in the past: use 0 or more seconds");
    }
    NodeWork.requireText("user", user.stream());
    try (ClusterBackend backend = access.connect()) {
      String name =
          user.orElseGet(() -> backend.endpoints().login(id, access.files().definition()).user());
      return directory.secrets().token(name, clock().now().plus(lifetime));
    }
  }

  /**
   * Returns the OpenAPI document of the running cluster's slurmrestd, as JSON.
   *
   * @param version the only API version in it, for example {@code v0.0.42}; empty for the newest
   * @throws UserMistakeException when the cluster has no slurmrestd, or does not run
   * @throws InvalidParameterException when this Slurm has no such version
   */
  public String openApi(Optional<String> version) {
    requireRest();
    RestAccess rest =
        connection().flatMap(Connection::rest).orElseThrow(() -> Nodes.notRunning(id));
    return OpenApiDocument.read(rest, version, access.timeout());
  }

  /**
   * Cuts a compute node off from the controller, while its jobs continue: its container leaves the
   * network. If node and controller are one machine, its slurmd is paused instead.
   *
   * @throws UserMistakeException if the node is not a compute node
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

  /** Breaks all open SSH connections, also busy ones; new ones can be made. */
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
   * Adds or removes compute nodes while the cluster runs. Slurm requeues or fails the jobs of a
   * removed node, as after a node failure.
   *
   * @param partition the partition whose nodes are counted; empty for the default partition
   * @param computeNodes its new number of compute nodes
   */
  public Connection scale(Optional<String> partition, int computeNodes) {
    return new ClusterStart(access, force, keep).scale(partition, computeNodes);
  }

  /**
   * Removes the cluster's containers, network, volumes and files. If this process is a build, a
   * cluster that was started by hand is kept.
   */
  public void destroy() {
    new ClusterEnd(access).destroy();
  }

  /** Destroys the cluster. */
  @Override
  public void close() {
    destroy();
  }

  /**
   * Returns whether each node is a container, with its own files; otherwise all nodes are processes
   * of one machine. If the cluster's files are elsewhere, the answer is false, because it is
   * unknown.
   */
  public boolean runsInContainers() {
    return directory.backend() == BackendKind.DOCKER;
  }

  /** Returns how to reach the cluster; empty unless it was started and not stopped since. */
  public Optional<Connection> connection() {
    return directory.connectionFiles().read();
  }

  /**
   * Returns the cluster's clock, which a test can move forward.
   *
   * @throws UserMistakeException if the cluster has none, because an earlier version created it
   */
  public ClusterClock clock() {
    access.requireFiles(": create it first (ClusterRequest)");
    return ClusterClock.of(id.directory());
  }

  /** Returns the status of the cluster: what exists of it, and Slurm's state. */
  public ClusterStatus status() {
    try (ClusterBackend backend = access.connect()) {
      return new StatusReport(backend, id, directory).at(Instant.now());
    }
  }

  /**
   * Reads the logs of the nodes: slurmctld, slurmd, munged, sshd and the nodes' entry points. With
   * follow, it continues until the nodes end or the thread is interrupted.
   *
   * @param node the node; empty for all nodes
   * @param lines receives node and line, from several threads when several nodes are followed
   * @throws UserMistakeException if there is no such node
   */
  public void logs(Optional<String> node, LogRequest request, BiConsumer<String, String> lines) {
    NodeLogs.check(request);
    try (ClusterBackend backend = access.connect()) {
      new NodeLogs(backend, id).read(node, request, lines);
    }
  }

  /**
   * Exports everything that shows what the cluster is doing: the logs of its nodes, its files
   * without secrets, Slurm's view of nodes, jobs and partitions, and the state of its containers.
   *
   * @param directory where to write; created if it is missing; files of an earlier export are
   *     overwritten
   */
  public void exportLogs(Path directory) {
    try (ClusterBackend backend = access.connect()) {
      new LogBundle(backend, id).write(directory);
    }
  }

  /**
   * Returns a picture of what happened in the cluster, as a self-contained HTML page: jobs by node,
   * use of CPUs, memory and GPUs, the queue, scripts and output of jobs, and warnings of the
   * daemons. It has the jobs in slurmctld and, with accounting, those that slurmctld has removed.
   *
   * @param since leaves out jobs that ended earlier, and what was logged earlier; empty for all
   * @throws UserMistakeException if the cluster does not run
   */
  public String report(Optional<Instant> since) {
    try (ClusterBackend backend = access.connect()) {
      return new HistoryReport(backend, id).page(since);
    }
  }

  /**
   * Runs a command on nodes in parallel.
   *
   * @param nodes names or host lists, or roles; empty for the controller
   * @param user account to run it as; empty for the login's
   * @param command program and arguments
   * @param output returns the output for a node
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
   * Runs a command on nodes in parallel.
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
   * Runs a command line in bash on the controller, as the user who logs in, in that user's home.
   *
   * @param commandLine the line as you would type it, for example {@code squeue --noheader | wc -l}
   * @return what it printed
   * @throws SlurmClusterException if the exit code is not 0, with command, exit code and standard
   *     error ({@link #tryRun(String)} returns such a result instead), or if the command takes
   *     longer than {@link ClusterBuilder#timeout} allows
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

  /** Runs a command line as {@link #run(String)} does, and returns its result for any exit code. */
  public CommandResult tryRun(String commandLine) {
    return tryRun(bash(commandLine));
  }

  /** Runs a program as {@link #run(List)} does, and returns its result for any exit code. */
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

  /**
   * Returns the program and arguments that run a command line in the account's home, as over SSH.
   */
  public static List<String> bash(String commandLine) {
    return CommandLine.inHome(commandLine);
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
   * Copies a file or directory of this machine to nodes, with its modes; root owns the copy.
   *
   * @param nodes names or host lists, or roles; empty for all
   * @param target path on the nodes; a relative one is below the login's home
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
   * @param source path on the node; a relative one is below the login's home
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
   * Opens a shell in the user's terminal.
   *
   * @param node the node; empty for the controller, which is reached over SSH, as tests reach it
   * @param terminalType type of the terminal, as in the variable TERM
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

  /** Opens a shell in any terminal, for tests. */
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
    access.requireFiles(", nor keys to log in with: name a node, which needs no keys");
    Connection connection = connection().orElseThrow(() -> Nodes.notRunning(id));
    return user.map(name -> SshConnection.open(connection, name))
        .orElseGet(() -> SshConnection.open(connection));
  }

  /**
   * Runs a command line over SSH on the controller, as tests do.
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
   * @throws UserMistakeException if sbatch refuses it, with the message of sbatch
   */
  public JobId submit(Path script, String... arguments) {
    try (ClusterBackend backend = access.connect()) {
      return batch(backend).submit(script, SshDefinition.USER, List.of(), List.of(arguments));
    }
  }

  /**
   * Submits a batch script of this machine, passes on its output while it is written, and waits
   * until the job has ended. The job is cancelled if this thread is interrupted.
   *
   * @param script file of this machine
   * @param options options of sbatch, before the script
   * @param arguments arguments of the script
   * @param timeout time after which the job is cancelled
   * @return the job as it ended; for an array, the first task that did not complete, or otherwise
   *     the last; empty if sbatch submitted no job, because of an option such as {@code
   *     --test-only}
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
   * Checks which job scripts Slurm accepts: submits each as a job that begins later, and cancels
   * it. No job runs, and none stays in the queue.
   *
   * @param scripts a script of this machine, or a directory, of which all files are checked that
   *     begin with {@code #!} or have a line {@code #SBATCH}
   * @param options options of sbatch, which override those in the scripts
   * @return the result for each, in the order of the scripts' paths
   * @throws InvalidParameterException when there is no script
   */
  public List<ScriptCheck> check(Path scripts, Optional<String> user, List<String> options) {
    NodeWork.requireText("user", user.stream());
    NodeWork.requireText("options", options.stream());
    List<Path> each = JobScripts.of(scripts);
    try (ClusterBackend backend = access.connect()) {
      BatchRun batch = batch(backend);
      return each.stream()
          .map(script -> batch.check(script, user.orElse(SshDefinition.USER), options))
          .toList();
    }
  }

  /**
   * Waits until jobs have ended. A job that slurmctld has removed (MinJobAge) is read from
   * accounting, if the cluster has it, without the job's files.
   *
   * @return the ended jobs, with one for each task of an array
   * @throws UserMistakeException if there is no such job
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
   * @return the job as it ended; for an array, the first task that did not complete, or otherwise
   *     the last
   */
  public Job await(JobId job, Duration timeout) {
    try (ClusterBackend backend = access.connect()) {
      return slurm(backend).await(job, timeout);
    }
  }

  /**
   * Returns accounting's records of a job and its steps; for an array, those of each task.
   *
   * @return empty if accounting has no record of the job, or not yet: slurmdbd gets a job within a
   *     second or so
   * @throws UserMistakeException if the cluster has no accounting
   */
  public List<JobRecord> records(JobId job) {
    try (ClusterBackend backend = access.connect()) {
      return slurm(backend).records(job);
    }
  }

  /**
   * Waits until the cluster can be used: every node works, and a job has run on every partition.
   */
  public void awaitReady() {
    new ClusterStart(access, force, keep).awaitReady();
  }

  /**
   * Returns the container of this cluster's node, for a program that runs containers itself. After
   * it has started the container, {@link #adopt} waits for the cluster.
   *
   * @throws UserMistakeException if the cluster was not created yet, or has more than one container
   */
  public NodeContainer nodeContainer() {
    access.requireFiles(": create it first (ClusterRequest)");
    return NodeContainer.of(access.files(), access.owner());
  }

  /**
   * Waits until jobs can be submitted to a cluster whose {@link #nodeContainer} another program
   * started, and returns the connection. If the wait fails, that program must remove the container,
   * or call {@link #destroy}.
   */
  public Connection adopt() {
    return new ClusterStart(access, force, keep).adopt();
  }

  /**
   * Empties the queue for the next test suite: cancels all jobs, waits until they have ended, and
   * makes the nodes idle.
   */
  public Reset reset() {
    return reset(false);
  }

  /**
   * Empties the queue as {@link #reset()} does, and optionally the history: accounting then has no
   * records of jobs and no usage. Accounts, qualities of service and users are kept.
   *
   * @throws UserMistakeException if the history is to be emptied and the cluster has no accounting
   */
  public Reset reset(boolean emptyHistory) {
    long begin = System.nanoTime();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      Slurm slurm = slurm(backend);
      if (emptyHistory) {
        slurm.requireAccounting("An empty history (emptyHistory)");
      }
      Reset reset = slurm.reset(access.timeout());
      if (emptyHistory) {
        slurm.emptyHistory(access.timeout());
      }
      access
          .progress()
          .step(
              "Cluster %s reset in %.2f s: %s cancelled, %s taken back%s"
                  .formatted(
                      id.name(),
                      ClusterAccess.seconds(begin),
                      ClusterAccess.count(reset.jobs().size(), "job"),
                      ClusterAccess.count(reset.nodes().size(), "node"),
                      emptyHistory ? ", no records of jobs" : ""));
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

  /** Builds a handle; null means the default. */
  public static final class Builder extends ClusterBuilder<Builder> {

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Returns the handle, without touching the cluster.
     *
     * @throws InvalidParameterException naming parameter, value and what is allowed
     */
    public SlurmCluster build() {
      String valid = ClusterParameters.builder().name(name).build().validName();
      return new SlurmCluster(access(valid, () -> SlurmVersion.DEFAULT), force, keep);
    }
  }
}
