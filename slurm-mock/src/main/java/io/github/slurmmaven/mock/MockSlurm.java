/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.mock.command.KnownToSlurm;
import io.github.slurmmaven.mock.command.SlurmCommands;
import io.github.slurmmaven.mock.command.SlurmContext;
import io.github.slurmmaven.mock.job.ClusterClock;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.Jobs;
import io.github.slurmmaven.mock.job.Plan;
import io.github.slurmmaven.mock.job.Release;
import io.github.slurmmaven.mock.job.Topology;
import io.github.slurmmaven.mock.server.DroppedConnectionException;
import io.github.slurmmaven.mock.server.MockSshServer;
import io.github.slurmmaven.mock.shell.Call;
import io.github.slurmmaven.mock.shell.Program;
import io.github.slurmmaven.mock.shell.RemoteFiles;
import io.github.slurmmaven.mock.shell.Shell;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An in-process stand-in for a Slurm cluster: an SSH server in this JVM that answers Slurm's
 * commands with Slurm's output. Jobs are recorded, not run: the test decides how they continue.
 *
 * <pre>{@code
 * try (MockSlurm mock = MockSlurm.start()) {
 *   mock.on("train").then(RUNNING).after(Duration.ofMillis(200)).then(FAILED).exit(3);
 *   new MyClient(mock.connection()).submit(…);
 *   assertThat(mock.job("1").script()).contains("--epochs=3");
 * }
 * }</pre>
 *
 * <p>It needs no container, no Slurm and no shell of this machine. What it does not do as a real
 * cluster does is in docs/mock.md. All methods may be called from any thread.
 */
public final class MockSlurm implements AutoCloseable {

  private final Path directory;
  private final RemoteFiles files;
  private final ClusterClock clock;
  private final Jobs jobs;
  private final Topology topology;
  private final Shell shell;
  private final String user;
  private final String version;
  private final String partition;
  private final CompletableFuture<MockSshServer> server;
  private final Map<String, Program> own = new ConcurrentHashMap<>();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();
  private final List<RecordedCommand> commands = new CopyOnWriteArrayList<>();
  private final List<String> unknown = new CopyOnWriteArrayList<>();

  /** Features of Slurm that the command line of this thread used and that are not mocked. */
  private final ThreadLocal<List<String>> limits = ThreadLocal.withInitial(ArrayList::new);

  private final Thread atExit = new Thread(this::close, "mock-slurm-exit");

  private MockSlurm(Builder builder) throws IOException {
    Release release = Release.of(builder.slurmVersion);
    user = builder.user;
    directory = Files.createTempDirectory("mock-slurm");
    files = new RemoteFiles(Files.createDirectories(directory.resolve("root")));
    for (String each : List.of("/home/" + user, "/tmp", "/scratch", "/root", "/dev")) {
      Files.createDirectories(files.real("/", each));
    }
    Files.createFile(files.real("/", "/dev/null"));
    clock = new ClusterClock(builder.clock, builder.virtualClock);
    topology =
        new Topology(
            builder.nodes,
            builder.partitions,
            builder.cpus,
            builder.memory,
            builder.gpus,
            builder.maxTime);
    jobs = new Jobs(clock, topology, release, files, builder.execute, builder.firstJobId);
    SlurmContext slurm =
        new SlurmContext(
            jobs,
            topology,
            release,
            clock,
            KnownToSlurm.of(release),
            limit -> limits.get().add(limit));
    shell =
        new Shell(
            files,
            SlurmCommands.of(slurm, this::execute, call -> unknown.add(words(call))),
            new FaultInjector());
    version = release.line();
    partition = builder.partitions.get(0);
    // A virtual machine that is ended by a signal leaves no files either.
    Runtime.getRuntime().addShutdownHook(atExit);
    // Starts in the background: the first server in a JVM takes a while to load, and most tests
    // prepare something first.
    server = new CompletableFuture<>();
    Thread starting = new Thread(this::startServer, "mock-slurm-start");
    starting.setDaemon(true);
    starting.start();
  }

  private void startServer() {
    try {
      server.complete(
          MockSshServer.start(
              directory, files, user, name -> topology.node(name).isPresent(), this::run));
    } catch (IOException | RuntimeException | Error e) {
      server.completeExceptionally(e);
    }
  }

  private MockSshServer server() {
    try {
      return server.join();
    } catch (CompletionException e) {
      throw new SlurmClusterException("The mock's SSH server could not start: " + e.getCause(), e);
    }
  }

  /** A running mock with one node of 4 processors and the partition {@code debug}. */
  public static MockSlurm start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  private static String words(Call call) {
    return String.join(
        " ", Stream.concat(Stream.of(call.name()), call.arguments().stream()).toList());
  }

  /** Runs a command of srun or salloc. */
  private int execute(Call call) {
    return shell.execute(call);
  }

  // How to reach it.

  /**
   * How to reach it; the same as a real cluster's, so that code under test sees no difference.
   * Waits until the SSH server listens.
   *
   * @throws SlurmClusterException when no port is to be had
   */
  public Connection connection() {
    MockSshServer reached = server();
    return new Connection(
        Topology.CLUSTER,
        directory,
        version,
        partition,
        "127.0.0.1",
        reached.port(),
        user,
        Optional.of(MockSshServer.PASSWORD),
        reached.privateKey(),
        reached.knownHosts(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  /**
   * Returns the directory of this machine that is the client's home, so that a test can read and
   * write files there without SFTP.
   */
  public Path home() {
    return files.real("/", "/home/" + user);
  }

  /** The file of this machine that a path names for the client; a relative one begins at home. */
  public Path file(String path) {
    return files.real("/home/" + user, path);
  }

  // Behavior.

  /**
   * Returns a new scenario of jobs with this name. If several scenarios match a job, the last one
   * applies.
   */
  public Scenario on(String jobName) {
    return plan(job -> job.request().name().equals(jobName));
  }

  /**
   * Returns a new scenario of matching jobs. If several scenarios match a job, the last one
   * applies.
   */
  public Scenario on(Predicate<MockJob> which) {
    return plan(job -> which.test(new MockJob(jobs, job)));
  }

  private Scenario plan(Predicate<JobRecord> which) {
    Scenario scenario = new Scenario();
    jobs.add(new Plan(which, scenario.transitions()));
    return scenario;
  }

  /** Returns a new fault of a command, for example {@code sbatch}. */
  public Fault fault(String command) {
    Fault fault = new Fault(command);
    faults.add(fault);
    return fault;
  }

  /** Adds a command of the site, or replaces one of the mock's. */
  public MockSlurm command(String name, Program program) {
    own.put(name, program);
    return this;
  }

  /** Drains a node. */
  public void drain(String node, String reason) {
    jobs.change(() -> node(node).takeOut("drain", reason));
  }

  /** Lets a node be down. */
  public void down(String node, String reason) {
    jobs.change(() -> node(node).takeOut("down", reason));
  }

  /** Resumes a node. */
  public void resume(String node) {
    jobs.change(() -> node(node).resume());
  }

  private Topology.Node node(String name) {
    return topology
        .node(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no node " + name + ": there are " + topology.nodeNames()));
  }

  /** Breaks all SSH connections; new ones can be made. */
  public void dropConnections() {
    server().dropConnections();
  }

  /** Its time. */
  public MockClock clock() {
    return new MockClock(clock);
  }

  // Recorded data.

  /**
   * Returns a job.
   *
   * @param id for example 1, or 2_3 for a task of an array; the id of a whole array means its first
   *     task
   * @throws IllegalArgumentException when there is no such job
   */
  public MockJob job(String id) {
    return jobs.read(() -> jobs.find(id)).stream()
        .findFirst()
        .map(job -> new MockJob(jobs, job))
        .orElseThrow(() -> new IllegalArgumentException("no job " + id + ": there are " + jobs()));
  }

  /** A job. */
  public MockJob job(JobId id) {
    return job(id.toString());
  }

  /** All jobs in the order of their submission; of an array, each task. */
  public List<MockJob> jobs() {
    return jobs.read(jobs::all).stream().map(job -> new MockJob(jobs, job)).toList();
  }

  /**
   * Returns the command lines that clients sent and that have ended. {@link
   * RecordedCommand#notMocked} lists what Slurm supports and the mock does not.
   */
  public List<RecordedCommand> commands() {
    return List.copyOf(commands);
  }

  /** Returns the commands of clients that do not exist in the mock, with their arguments. */
  public List<String> unknownCommands() {
    return List.copyOf(unknown);
  }

  /**
   * Runs a client's command line.
   *
   * @param variables environment variables that the client sent
   */
  private int run(
      String line,
      Map<String, String> variables,
      InputStream in,
      OutputStream out,
      OutputStream err) {
    Tee stdout = new Tee(out);
    Tee stderr = new Tee(err);
    String home = "/home/" + user;
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "HOME",
                home,
                "USER",
                user,
                "LOGNAME",
                user,
                "SHELL",
                "/bin/bash",
                "LANG",
                "C.UTF-8",
                "PATH",
                "/usr/local/bin:/usr/bin:/bin:/usr/games"));
    environment.putAll(variables);
    limits.remove();
    int status =
        shell.run(
            line,
            environment,
            home,
            in,
            new PrintStream(stdout, false, StandardCharsets.UTF_8),
            new PrintStream(stderr, false, StandardCharsets.UTF_8));
    commands.add(
        new RecordedCommand(user, line, status, stdout.text(), stderr.text(), limits.get()));
    limits.remove();
    return status;
  }

  /**
   * Runs a command line like a client's, without SSH.
   *
   * @param stdin its standard input
   */
  public RecordedCommand run(String line, String stdin) {
    InputStream in = new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8));
    run(line, Map.of(), in, OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
    return commands.get(commands.size() - 1);
  }

  /** Ends the server and its processes on this machine, and deletes its files. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The virtual machine ends, be it this hook that runs.
    }
    try {
      server().close();
    } finally {
      jobs.close();
      deleteFiles();
    }
  }

  private void deleteFiles() {
    try (Stream<Path> below = Files.walk(directory)) {
      for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (NoSuchFileException e) {
      // Closed before.
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("files of the mock could not be deleted: " + directory, e);
    }
  }

  /** Makes faults happen, and records the commands that do not exist. */
  private final class FaultInjector implements Shell.Observer {

    @Override
    public int run(Call call, Program program) throws IOException {
      String name = call.name().substring(call.name().lastIndexOf('/') + 1);
      for (Fault fault : faults) {
        Optional<Fault.Effect> effect =
            fault.command().equals(name) ? fault.next() : Optional.empty();
        if (effect.isEmpty()) {
          continue;
        }
        clock.sleep(effect.get().delay());
        if (effect.get().drops()) {
          throw new DroppedConnectionException();
        }
        if (effect.get().failure().isPresent()) {
          call.complain(effect.get().failure().get().stderr());
          return effect.get().failure().get().exitCode();
        }
      }
      return own.getOrDefault(name, program).run(call);
    }

    @Override
    public Optional<Program> find(String name) {
      return Optional.ofNullable(own.get(name));
    }

    @Override
    public void notFound(Call call) {
      unknown.add(words(call));
    }
  }

  /** Writes to an output, and keeps a copy. */
  private static final class Tee extends OutputStream {

    private final ByteArrayOutputStream copy = new ByteArrayOutputStream();
    private final OutputStream out;

    Tee(OutputStream out) {
      this.out = out;
    }

    @Override
    public synchronized void write(int b) throws IOException {
      copy.write(b);
      out.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
      copy.write(bytes, offset, length);
      out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    synchronized String text() {
      return copy.toString(StandardCharsets.UTF_8);
    }
  }

  /** Builds a mock; everything has a default. */
  public static final class Builder {

    private String slurmVersion = Release.V24_11.line();
    private String user = "slurm";
    private List<String> nodes = List.of("slurm");
    private List<String> partitions = List.of("debug");
    private int cpus = 4;
    private int memory = 4096;
    private int gpus;
    private Duration maxTime = Duration.ofHours(1);
    private boolean execute;
    private boolean virtualClock;
    private long firstJobId = 1;
    private Clock clock = Clock.systemUTC();

    private Builder() {}

    /** Sets the release of Slurm that it imitates: 22.05 or 24.11; default 24.11. */
    public Builder slurmVersion(String version) {
      slurmVersion = version;
      return this;
    }

    /** Who logs in; default slurm. */
    public Builder user(String name) {
      user = name;
      return this;
    }

    /** Names of the nodes; the first one is logged in to; default one node, slurm. */
    public Builder nodes(String... names) {
      nodes = List.of(names);
      return this;
    }

    /** That many nodes, {@code compute-0} and so on. */
    public Builder nodes(int count) {
      nodes = IntStream.range(0, count).mapToObj(index -> "compute-" + index).toList();
      return this;
    }

    /** Names of the partitions, each of all nodes; the first one is the default; default debug. */
    public Builder partitions(String... names) {
      partitions = List.of(names);
      return this;
    }

    /** Processors of each node; default 4. */
    public Builder cpusPerNode(int count) {
      cpus = count;
      return this;
    }

    /** Memory of each node in megabytes; default 4096. */
    public Builder memoryPerNode(int megabytes) {
      memory = megabytes;
      return this;
    }

    /** GPUs of each node; default none. */
    public Builder gpusPerNode(int count) {
      gpus = count;
      return this;
    }

    /** Time limit of the partitions, and of jobs that name none; default an hour. */
    public Builder maxTime(Duration limit) {
      maxTime = limit;
      return this;
    }

    /**
     * Runs batch jobs without a scenario on this machine, with the interpreter of their first line,
     * with Slurm's variables, in their working directory. Absolute paths in a script are this
     * machine's.
     */
    public Builder executeScripts() {
      execute = true;
      return this;
    }

    /** Number of the first job; default 1. */
    public Builder firstJobId(long number) {
      firstJobId = number;
      return this;
    }

    /** Time stands still but for {@link MockClock#advance}. */
    public Builder virtualClock() {
      virtualClock = true;
      return this;
    }

    /**
     * Starts the mock. Its SSH server starts in the background; {@link MockSlurm#connection} waits
     * for it.
     *
     * @throws io.github.slurmmaven.client.InvalidParameterException when the version is not mocked
     * @throws SlurmClusterException when no temporary directory can be created
     */
    public MockSlurm start() {
      if (nodes.isEmpty() || partitions.isEmpty()) {
        throw new IllegalArgumentException("a cluster has a node and a partition at least");
      }
      try {
        return new MockSlurm(this);
      } catch (IOException e) {
        throw new SlurmClusterException("The mock could not start: " + e.getMessage(), e);
      }
    }
  }
}
