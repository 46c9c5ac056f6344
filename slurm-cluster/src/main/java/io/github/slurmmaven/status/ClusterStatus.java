/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A cluster as people and programs want to see it: what the backend says of its nodes, joined with
 * what Slurm says of itself. As JSON it has the components as keys, in this order, each always
 * there, null where nothing is known; {@code status.schema.json} describes it. It holds no secret.
 *
 * @param schemaVersion {@link #SCHEMA_VERSION}; another number means that a key changed its meaning
 * @param name name
 * @param directory directory of its files
 * @param directoryExists whether that directory is still there
 * @param engine where it lives, in words
 * @param status whether it can be used
 * @param problem why it cannot, or not all of it, in words
 * @param slurmVersion slurmctld's version, for example {@code 24.11.5}; only the release line,
 *     {@code 24.11}, while it does not answer
 * @param createdAt when it was created
 * @param startedAt when its controller was started; empty while it does not run
 * @param uptimeSeconds seconds since then
 * @param owner who answers for it, as its label says: {@code hand} or {@code build:…}
 * @param nodes nodes, those without jobs included, in the order of its definition
 * @param partitions partitions
 * @param jobs how many jobs it has; empty while slurmctld does not answer
 * @param connection how to reach it; empty while it does not run
 * @param registry its container registry, if it has one
 * @param rest its slurmrestd, if it has one
 * @param pbsCommands whether its nodes have Slurm's PBS commands; empty where its files are gone
 */
public record ClusterStatus(
    int schemaVersion,
    String name,
    Optional<Path> directory,
    boolean directoryExists,
    Optional<String> engine,
    State status,
    Optional<String> problem,
    Optional<String> slurmVersion,
    Optional<Instant> createdAt,
    Optional<Instant> startedAt,
    OptionalLong uptimeSeconds,
    Optional<String> owner,
    List<NodeStatus> nodes,
    List<PartitionStatus> partitions,
    Optional<Jobs> jobs,
    Optional<Reach> connection,
    Optional<Registry> registry,
    Optional<Rest> rest,
    Optional<Boolean> pbsCommands) {

  /** What {@link #schemaVersion} is now. */
  public static final int SCHEMA_VERSION = 1;

  public ClusterStatus {
    nodes = List.copyOf(nodes);
    partitions = List.copyOf(partitions);
  }

  /** Begins with what is always known. */
  public static ClusterStatusBuilder of(String name) {
    return new ClusterStatusBuilder(name);
  }

  /** Whether a cluster can be used. */
  public enum State {
    /** slurmctld answers, and every node takes jobs. */
    RUNNING,
    /** slurmctld answers, but some node is not well or does not run. */
    DEGRADED,
    /** It is on its way up. */
    STARTING,
    /** Its controller has died, or slurmctld does not answer. */
    FAILED,
    /** Its nodes exist, and none runs. */
    STOPPED,
    /** Its files exist, and no node. */
    CREATED;

    /** The word in JSON and YAML. */
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether jobs can be submitted. */
    public boolean isUsable() {
      return this == RUNNING || this == DEGRADED;
    }
  }

  /**
   * A node. Numbers are those of its definition while slurmctld does not answer.
   *
   * @param name name
   * @param role {@code all-in-one}, {@code controller} or {@code compute}
   * @param running whether its main process runs
   * @param detail what the backend says of it, in words
   * @param state sinfo's word for a node that runs jobs ({@code idle}, {@code drained}, {@code
   *     down*}); {@code up} or {@code down} for a controller; {@code dead} or {@code stopped} when
   *     its main process does not run, {@code missing} when there is no such node, and {@code
   *     unknown} when slurmctld says nothing of it
   * @param well whether it does what it is for
   * @param cpus processors
   * @param cpusAllocated processors that jobs have
   * @param memoryMb megabytes
   * @param memoryAllocatedMb megabytes that jobs have
   * @param gpus GPUs
   * @param gpusAllocated GPUs that jobs have
   * @param gpuTypes number of GPUs by type
   * @param partitions partitions it belongs to
   * @param reason why it is not well
   */
  public record NodeStatus(
      String name,
      String role,
      boolean running,
      String detail,
      String state,
      boolean well,
      OptionalInt cpus,
      OptionalInt cpusAllocated,
      OptionalLong memoryMb,
      OptionalLong memoryAllocatedMb,
      OptionalInt gpus,
      OptionalInt gpusAllocated,
      Map<String, Integer> gpuTypes,
      List<String> partitions,
      Optional<String> reason) {

    public NodeStatus {
      gpuTypes = Collections.unmodifiableMap(new LinkedHashMap<>(gpuTypes));
      partitions = List.copyOf(partitions);
    }
  }

  /**
   * A partition.
   *
   * @param name name
   * @param isDefault whether jobs that name none go there
   * @param state {@code up}, {@code down}, {@code drain} or {@code inactive}; {@code unknown} while
   *     slurmctld does not answer
   * @param nodes its nodes
   * @param hostList the same as Slurm writes it, for example {@code compute-[0-3]}
   * @param maxTime longest time of a job as Slurm writes it; empty for no limit
   */
  public record PartitionStatus(
      String name,
      @JsonProperty("default") boolean isDefault,
      String state,
      List<String> nodes,
      String hostList,
      Optional<String> maxTime) {

    public PartitionStatus {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * Jobs that are not over.
   *
   * @param running those that have resources
   * @param pending those that wait; the waiting tasks of a job array are one
   */
  public record Jobs(int running, int pending) {}

  /**
   * How the cluster is reached by SSH.
   *
   * @param host host
   * @param port port
   * @param user account
   * @param passwordLogin whether that account may log in with its documented password
   * @param privateKey file of the private key
   * @param knownHosts file with the cluster's host key
   * @param command what to type for a shell
   */
  public record Reach(
      String host,
      int port,
      String user,
      boolean passwordLogin,
      Path privateKey,
      Path knownHosts,
      String command) {}

  /**
   * The container registry.
   *
   * @param address {@code host:port} as this machine reaches it
   * @param internal the same as the nodes reach it
   */
  public record Registry(String address, Optional<String> internal) {}

  /**
   * slurmrestd.
   *
   * @param url where it answers
   * @param versions API versions that it speaks, the oldest first
   */
  public record Rest(String url, List<String> versions) {}
}
