/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A place where clusters live. A backend brings up what a cluster's files say, and knows nothing of
 * how they came to be.
 *
 * <p>A cluster is named by its {@link ClusterId}; what exists of it is what the backend itself
 * says, so {@link #nodes}, {@link #stop} and {@link #destroy} work without the directory.
 */
public interface ClusterBackend
    extends Planner, Provisioner, Inventory, NodeAccess, Endpoints, Disruptions, AutoCloseable {

  /** The variable in which Slurm tells a job's processes their node, and we tell a command's. */
  String NODE_NAME = "SLURMD_NODENAME";

  /** What this place is, for people: {@code Docker Engine 20.10.24 at unix:///…}. */
  String description();

  /** Lets go of the connection to the place; clusters stay as they are. */
  @Override
  void close();

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
