/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A place where clusters live. A backend brings up what a cluster's directory says, and knows
 * nothing of how the directory came to be.
 *
 * <p>A cluster is named by its {@link ClusterId}; what exists of it is what the place itself says,
 * so {@link #nodes}, {@link #stop} and {@link #destroy} work without the directory.
 */
public interface ClusterBackend extends AutoCloseable {

  /** The variable in which Slurm tells a job's processes their node, and we tell a command's. */
  String NODE_NAME = "SLURMD_NODENAME";

  /** What this place is, for people: {@code Docker Engine 20.10.24 at unix:///…}. */
  String description();

  /**
   * Refuses what this place cannot run or hold, before anything is made of it.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException names what it is and what to do
   */
  void check(ClusterDefinition spec);

  /**
   * Finds addresses and ports for a cluster that is about to be rendered or started.
   *
   * @param previous what the cluster had before: kept as far as it is still free
   * @param taken what turned out to be taken
   * @throws io.github.slurmmaven.client.InvalidParameterException when a port that the user named
   *     is taken; says what holds it
   */
  Allocation allocate(
      ClusterId id, ClusterDefinition spec, Optional<Allocation> previous, Taken taken);

  /** The cluster's files for this place. The same arguments give the same bytes. */
  Rendering render(ClusterId id, ClusterDefinition spec, Allocation allocation);

  /** Fetches or builds what a start would wait for. */
  void prepare(ClusterId id, Progress progress);

  /**
   * Brings the cluster up as its directory says; what runs already and still fits stays. A node
   * that is made has the definition's files before its daemons start. Returns when the nodes' main
   * processes run, which is long before the cluster is usable.
   *
   * @param owner value of the owner label of what is created
   * @throws AllocationTakenException when address or port went to somebody else meanwhile
   */
  void up(ClusterId id, String owner, Progress progress);

  /**
   * What others turned out to have of a cluster's allocation after {@link #up}, when nodes have
   * ended for it; by default nothing.
   */
  default Taken taken(ClusterId id) {
    return Taken.NOTHING;
  }

  /** Stops the cluster and keeps its state; no error when it does not run or exist. */
  void stop(ClusterId id);

  /** Stops one node, and keeps its state until the next {@link #up}. */
  void stop(ClusterId id, String node);

  /**
   * Removes all there is of the cluster, but not its directory.
   *
   * @return whether there was anything
   */
  boolean destroy(ClusterId id);

  /** All clusters of this place that were made by us, whatever their directories; by name. */
  List<ClusterSummary> clusters();

  /** Who owns each cluster of this place, without a look at its nodes. */
  Map<ClusterId, String> owners();

  /** The nodes that exist, running or not, controller first. */
  List<NodeStatus> nodes(ClusterId id);

  /** Ends slurmctld, which keeps its state; nodes, jobs and SSH go on. */
  void stopController(ClusterId id);

  /**
   * Starts slurmctld, which reads its configuration and its state; one that runs is ended before.
   * Returns when it answers.
   */
  void startController(ClusterId id);

  /**
   * Lets the controller and a node hear nothing of each other any more, while the node's jobs go
   * on.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException when the node runs no jobs
   */
  void disconnect(ClusterId id, String node);

  /** Undoes {@link #disconnect}; nothing happens when the node is connected. */
  void reconnect(ClusterId id, String node);

  /** Breaks all connections to the SSH server, which then takes new ones. */
  void dropConnections(ClusterId id);

  /** Since when the controller runs; empty when it does not. */
  Optional<Instant> runningSince(ClusterId id);

  /**
   * Watches for the unexpected end of a node.
   *
   * @param onExit called from another thread for each node that ends, until closed
   */
  Watch watch(ClusterId id, Consumer<NodeStatus> onExit);

  /**
   * Runs a command on a node and waits for it. The node's name is in {@link #NODE_NAME}.
   *
   * @param user account to run it as
   * @param output hears what the command writes, as it comes
   * @return exit status
   * @throws SlurmClusterException when the command cannot be run or does not end in time
   */
  int run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      CommandOutput output,
      Duration timeout);

  /**
   * Runs a command on a node and keeps what it writes.
   *
   * @param lines hears standard output line by line as it comes
   */
  default CommandResult run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      Consumer<String> lines,
      Duration timeout) {
    CollectedOutput output = new CollectedOutput(lines);
    int exitCode = run(id, node, user, command, output, timeout);
    return output.result(exitCode);
  }

  /**
   * Runs a command on a node with the person's terminal.
   *
   * @return exit status
   */
  int run(ClusterId id, String node, String user, List<String> command, Terminal terminal);

  /**
   * Copies a file or directory of this machine into a node, as root's, with its modes.
   *
   * @param source absolute path here
   * @param target absolute path there, made anew together with its parents
   */
  void copy(ClusterId id, String node, Path source, String target);

  /**
   * Copies a file or directory of a node to this machine, with its modes.
   *
   * @param source absolute path there
   * @param target absolute path here, made anew together with its parents
   * @throws io.github.slurmmaven.client.UserMistakeException when there is no such file
   */
  void copyBack(ClusterId id, String node, String source, Path target);

  /**
   * The lines that a node's daemons wrote; blocks. With follow until the node ends or the thread is
   * interrupted, and then returns with the thread's interrupted status set.
   */
  void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines);

  /** The last lines that a node's daemons wrote. */
  default String logs(ClusterId id, String node, int tail) {
    StringBuilder text = new StringBuilder();
    logs(id, node, LogRequest.last(tail), line -> text.append(line).append('\n'));
    return text.toString();
  }

  /** Directory of a node, as its commands see it, for files that go when the node goes. */
  String ownDirectory(ClusterId id, String node);

  /** As whom to log in. */
  Login login(ClusterId id, ClusterDefinition spec);

  /** Where SSH is published. */
  Address ssh(ClusterId id);

  /** Where the container registry is published, if the cluster has one. */
  Optional<Address> registry(ClusterId id);

  /**
   * Makes an image usable by jobs: puts it into the cluster's registry or, without one, onto the
   * nodes.
   *
   * @return what a job calls it
   * @throws io.github.slurmmaven.client.UserMistakeException when the cluster has neither registry
   *     nor jobs in containers, or the image cannot be had
   */
  default String load(ClusterId id, ImageSource image, Progress progress) {
    throw new UserMistakeException(
        "Images cannot be loaded into cluster %s: it does not run in containers"
            .formatted(id.name()));
  }

  /** Lets go of the connection to the place; clusters stay as they are. */
  @Override
  void close();

  /**
   * What only the place can give out: networks, ports.
   *
   * @param variables as they stand in {@code .env}, which keeps them
   */
  record Allocation(SortedMap<String, String> variables) {
    public Allocation {
      variables = Collections.unmodifiableSortedMap(new TreeMap<>(variables));
    }

    private static final Map<String, String> WORDS =
        Map.of(
            "SLURM_MAVEN_SSH_PORT", "SSH is on port %s",
            "SLURM_MAVEN_REGISTRY_PORT", "the registry is on port %s",
            "SLURM_MAVEN_SLURM_PORT", "Slurm's daemons are on port %s and the next ones",
            "SLURM_MAVEN_SUBNET", "the network is %s.0/24");

    /** What is otherwise than before, for people: {@code SSH is on port 2230}. */
    public String describeChange(Allocation before) {
      return variables.entrySet().stream()
          .filter(each -> !each.getValue().equals(before.variables.get(each.getKey())))
          .filter(each -> WORDS.containsKey(each.getKey()))
          .map(each -> WORDS.getOrDefault(each.getKey(), "").formatted(each.getValue()))
          .collect(Collectors.joining(", "));
    }

    /** For people: {@code SSH_PORT=2222 SUBNET=198.18.7}. */
    @Override
    public String toString() {
      return variables.entrySet().stream()
          .map(variable -> variable.getKey() + "=" + variable.getValue())
          .collect(Collectors.joining(" "));
    }
  }

  /**
   * A cluster's files.
   *
   * @param files content by path below the cluster's directory, in the order in which they are best
   *     read
   * @param warnings what the place does otherwise than asked for, in sentences without a full stop
   */
  record Rendering(Map<String, String> files, List<String> warnings) {}

  /**
   * As whom to log in.
   *
   * @param user account
   * @param password its password; empty when only the key is taken
   */
  record Login(String user, Optional<String> password) {}

  /**
   * A cluster of the place.
   *
   * @param id which
   * @param owner the label's value: a build, or nobody
   * @param createdAt when it was made, as far as the place knows
   * @param nodes its nodes, controller first
   * @param ssh where SSH is published, if it is at the moment
   */
  record ClusterSummary(
      ClusterId id,
      String owner,
      Optional<Instant> createdAt,
      List<NodeStatus> nodes,
      Optional<Address> ssh) {}

  /** A server's address as seen from here. */
  record Address(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /**
   * What was given out and then turned out to be somebody else's.
   *
   * @param subnets networks in CIDR form
   * @param ports ports of the host
   */
  record Taken(Set<String> subnets, Set<Integer> ports) {

    public static final Taken NOTHING = new Taken(Set.of(), Set.of());

    public Taken {
      subnets = Set.copyOf(subnets);
      ports = Set.copyOf(ports);
    }

    /** This and more. */
    public Taken and(Taken more) {
      Set<String> allSubnets = new HashSet<>(subnets);
      allSubnets.addAll(more.subnets);
      Set<Integer> allPorts = new HashSet<>(ports);
      allPorts.addAll(more.ports);
      return new Taken(allSubnets, allPorts);
    }
  }

  /**
   * A node as the place sees it.
   *
   * @param name name
   * @param role {@code controller}, {@code compute}, {@code all-in-one} or {@code registry}
   * @param state whether its main process runs, and if not, why
   * @param detail the state in words for people, for example {@code exited with code 137}
   */
  record NodeStatus(String name, String role, State state, String detail) {

    /** What a program needs to know of the state. */
    public enum State {
      /** The files name it; it never ran. */
      CREATED,
      /** Its main process runs. */
      RUNNING,
      /** Its main process does not run. */
      ENDED,
      /** The kernel ended it for memory. */
      OUT_OF_MEMORY
    }

    /** A node that runs, or that does not for no special reason. */
    public NodeStatus(String name, String role, boolean running, String detail) {
      this(name, role, running ? State.RUNNING : State.ENDED, detail);
    }

    /** Whether its main process runs. */
    public boolean running() {
      return state == State.RUNNING;
    }

    /** Whether slurmctld runs there. */
    public boolean runsController() {
      return role.equals(Role.CONTROLLER.id()) || role.equals(Role.ALL_IN_ONE.id());
    }
  }

  /** A watch that goes on until it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /** Address or port of a cluster was taken between its allocation and its use. */
  final class AllocationTakenException extends SlurmClusterException {
    private static final long serialVersionUID = 1L;

    private final transient Taken what;

    public AllocationTakenException(Taken what, SlurmClusterException cause) {
      super(String.valueOf(cause.getMessage()), cause);
      this.what = what;
    }

    /** What was lost. */
    public Taken what() {
      return what;
    }
  }
}
