/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.report.Progress;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.spec.ClusterSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A place where clusters live. A backend brings up what a cluster's directory says, and knows
 * nothing of how the directory came to be.
 *
 * <p>A cluster is named by its {@link ClusterId}; what exists of it is what the place itself says,
 * so {@link #nodes}, {@link #stop} and {@link #destroy} work without the directory.
 */
public interface ClusterBackend extends AutoCloseable {

  /** What this place is, for people: {@code Docker Engine 20.10.24 at unix:///…}. */
  String description();

  /** What this place has. */
  Capacity capacity();

  /**
   * Finds address and port for a cluster that is about to be rendered or started.
   *
   * @param previous what the cluster had before: kept as far as it is still free
   * @param taken what turned out to be taken
   * @throws io.github.slurmmaven.report.InvalidParameterException when a port that the user named
   *     is taken; says what holds it
   */
  Allocation allocate(ClusterId id, ClusterSpec spec, Optional<Allocation> previous, Taken taken);

  /** The image of the nodes, to be written into the files. */
  String image(ClusterSpec spec);

  /** Fetches or builds what a start would wait for. */
  void prepare(ClusterId id, Progress progress);

  /**
   * Brings the cluster up as its directory says; what runs already and still fits stays. Returns
   * when the nodes' main processes run, which is long before the cluster is usable.
   *
   * @param owner value of the owner label of what is created
   * @throws AllocationTakenException when address or port went to somebody else meanwhile
   */
  void up(ClusterId id, String owner, Progress progress);

  /** Stops the cluster and keeps its state; no error when it does not run or exist. */
  void stop(ClusterId id);

  /**
   * Removes all there is of the cluster, but not its directory.
   *
   * @return whether there was anything
   */
  boolean destroy(ClusterId id);

  /** The nodes that exist, running or not, controller first. */
  List<NodeStatus> nodes(ClusterId id);

  /**
   * Watches for the unexpected end of a node.
   *
   * @param onExit called from another thread for each node that ends, until closed
   */
  Watch watch(ClusterId id, Consumer<NodeStatus> onExit);

  /**
   * Runs a command on a node and waits for it.
   *
   * @param user account to run it as
   * @param lines hears standard output as it comes
   * @throws SlurmClusterException when the command cannot be run or does not end in time
   */
  CommandResult run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      Consumer<String> lines,
      Duration timeout);

  /**
   * Copies a file or directory of this machine into a node, as root's, with its modes.
   *
   * @param source absolute path here
   * @param target absolute path there, made anew together with its parents
   */
  void copy(ClusterId id, String node, Path source, String target);

  /** The last lines that a node's daemons wrote. */
  String logs(ClusterId id, String node, int tail);

  /** Where SSH is published. */
  Address ssh(ClusterId id);

  /** Where the container registry is published, if the cluster has one. */
  Optional<Address> registry(ClusterId id);

  /** Lets go of the connection to the place; clusters stay as they are. */
  @Override
  void close();

  /**
   * Which cluster: two clusters of one name in two directories are two clusters.
   *
   * @param name name
   * @param directory absolute path of its files
   */
  record ClusterId(String name, Path directory) {

    /** Name of the Compose project, which is unique on an engine shared by several checkouts. */
    public String project() {
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256")
                .digest(directory.toString().getBytes(StandardCharsets.UTF_8));
        return name + "-" + HexFormat.of().formatHex(digest).substring(0, PROJECT_DIGITS);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }

    private static final int PROJECT_DIGITS = 8;
  }

  /**
   * What a place has.
   *
   * @param cpus processors
   * @param memory megabytes
   */
  record Capacity(int cpus, long memory) {}

  /**
   * What only the place can give out.
   *
   * @param subnet first three octets of the cluster's network
   * @param sshPort port of the host for SSH
   * @param registryPort port of the host for the registry; 0 where there is none
   */
  record Allocation(String subnet, int sshPort, int registryPort) {}

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

  /** How a command ended. */
  record CommandResult(int exitCode, String stdout, String stderr) {
    public boolean ok() {
      return exitCode == 0;
    }
  }

  /**
   * A node as the place sees it.
   *
   * @param name name
   * @param running whether its main process runs
   * @param detail state in words for people, for example {@code exited with code 137 (out of
   *     memory)}
   */
  record NodeStatus(String name, boolean running, String detail) {}

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
