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
 * The status of a cluster: its nodes in the backend, joined with Slurm's state. In JSON, the
 * components are the keys, in this order. Every key is present, and null if unknown; {@code
 * status.schema.json} describes it. It contains no secrets.
 *
 * @param schemaVersion {@link #SCHEMA_VERSION}, which changes if a key changes its meaning
 * @param name name
 * @param directory directory of its files
 * @param directoryExists whether that directory still exists
 * @param engine description of its backend
 * @param status whether it can be used
 * @param problem describes why it, or a part of it, cannot be used
 * @param slurmVersion slurmctld's version, for example {@code 24.11.5}; only the release line,
 *     {@code 24.11}, while it does not answer
 * @param createdAt when it was created
 * @param startedAt when its controller was started; empty while it does not run
 * @param uptimeSeconds seconds since then
 * @param owner its owner: {@code hand} or {@code build:…}
 * @param nodes nodes, including those without jobs, in the order of its definition
 * @param partitions partitions
 * @param jobs numbers of jobs; empty while slurmctld does not answer
 * @param connection access by SSH; empty while it does not run
 * @param registry its container registry, if it has one
 * @param rest its slurmrestd, if it has one
 * @param pbsCommands whether its nodes have Slurm's PBS commands; empty if its files are gone
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

  /** The present {@link #schemaVersion}. */
  public static final int SCHEMA_VERSION = 1;

  public ClusterStatus {
    nodes = List.copyOf(nodes);
    partitions = List.copyOf(partitions);
  }

  /** Returns a builder with the cluster's name, which is always known. */
  public static ClusterStatusBuilder of(String name) {
    return new ClusterStatusBuilder(name);
  }

  /** Whether a cluster can be used. */
  public enum State {
    /** slurmctld answers, and every node accepts jobs. */
    RUNNING,
    /** slurmctld answers, but a node does not run or accepts no jobs. */
    DEGRADED,
    /** It is being started. */
    STARTING,
    /** Its controller has died, or slurmctld does not answer. */
    FAILED,
    /** Its nodes exist, and none runs. */
    STOPPED,
    /** Its files exist, and no node. */
    CREATED;

    /** Returns the word in JSON and YAML. */
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
   * A node. While slurmctld does not answer, the numbers come from its definition.
   *
   * @param name name
   * @param role {@code all-in-one}, {@code controller} or {@code compute}
   * @param running whether its main process runs
   * @param detail describes its state in the backend
   * @param state sinfo's word for a node that runs jobs ({@code idle}, {@code drained}, {@code
   *     down*}); {@code up} or {@code down} for a controller; {@code dead} or {@code stopped} when
   *     its main process does not run, {@code missing} when there is no such node, and {@code
   *     unknown} when slurmctld does not have it
   * @param well whether it works
   * @param cpus processors
   * @param cpusAllocated processors allocated to jobs
   * @param memoryMb megabytes
   * @param memoryAllocatedMb megabytes allocated to jobs
   * @param gpus GPUs
   * @param gpusAllocated GPUs allocated to jobs
   * @param gpuTypes number of GPUs by type
   * @param partitions partitions to which it belongs
   * @param reason why it does not work
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
   * @param isDefault whether this is the default partition
   * @param state {@code up}, {@code down}, {@code drain} or {@code inactive}; {@code unknown} while
   *     slurmctld does not answer
   * @param nodes its nodes
   * @param hostList its nodes in Slurm's notation, for example {@code compute-[0-3]}
   * @param maxTime time limit of jobs in Slurm's notation; empty for no limit
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
   * Numbers of jobs that have not ended.
   *
   * @param running jobs with allocated resources
   * @param pending pending jobs; the pending tasks of a job array count as one
   */
  public record Jobs(int running, int pending) {}

  /**
   * Access to the cluster by SSH.
   *
   * @param host host
   * @param port port
   * @param user account
   * @param passwordLogin whether that account may log in with its documented password
   * @param privateKey file of the private key
   * @param knownHosts file with the cluster's host key
   * @param command command line for a shell
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
   * @param url its address
   * @param versions its API versions, the oldest first
   */
  public record Rest(String url, List<String> versions) {}
}
