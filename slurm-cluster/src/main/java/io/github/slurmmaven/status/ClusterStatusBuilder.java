/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.slurm.Node;
import io.github.slurmmaven.slurm.NodeState;
import io.github.slurmmaven.slurm.Partition;
import io.github.slurmmaven.slurm.Snapshot;
import io.github.slurmmaven.status.ClusterStatus.Jobs;
import io.github.slurmmaven.status.ClusterStatus.NodeStatus;
import io.github.slurmmaven.status.ClusterStatus.PartitionStatus;
import io.github.slurmmaven.status.ClusterStatus.Reach;
import io.github.slurmmaven.status.ClusterStatus.Registry;
import io.github.slurmmaven.status.ClusterStatus.Rest;
import io.github.slurmmaven.status.ClusterStatus.State;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Joins the data of the backend, the cluster's files and Slurm. Every part except the name may be
 * missing.
 */
public final class ClusterStatusBuilder {

  private final String name;
  private Optional<Path> directory = Optional.empty();
  private boolean directoryExists;
  private Optional<String> engine = Optional.empty();
  private Optional<String> owner = Optional.empty();
  private Optional<Instant> createdAt = Optional.empty();
  private Optional<ClusterDefinition> definition = Optional.empty();
  private Map<String, BackendNode> existing = Map.of();
  private Optional<Instant> startedAt = Optional.empty();
  private boolean starting;
  private Optional<Snapshot> slurm = Optional.empty();
  private Optional<String> noAnswer = Optional.empty();
  private Optional<Reach> connection = Optional.empty();
  private Optional<Registry> registry = Optional.empty();
  private Optional<Rest> rest = Optional.empty();

  ClusterStatusBuilder(String name) {
    this.name = name;
  }

  /** Sets the directory of the cluster's files, which may be gone. */
  public ClusterStatusBuilder directory(Path path, boolean exists) {
    directory = Optional.of(path);
    directoryExists = exists;
    return this;
  }

  /** Sets the description of the cluster's backend. */
  public ClusterStatusBuilder engine(String description) {
    engine = Optional.of(description);
    return this;
  }

  /** Sets the owner of the cluster. */
  public ClusterStatusBuilder owner(String label) {
    owner = Optional.of(label);
    return this;
  }

  /** Sets when the cluster was created. */
  public ClusterStatusBuilder createdAt(Instant when) {
    createdAt = Optional.of(when);
    return this;
  }

  /** Sets the cluster's definition, from its cluster.yaml. */
  public ClusterStatusBuilder definition(ClusterDefinition planned) {
    definition = Optional.of(planned);
    return this;
  }

  /** Sets the nodes that exist, running or not. */
  public ClusterStatusBuilder nodes(Collection<BackendNode> nodes) {
    existing =
        nodes.stream()
            .collect(
                Collectors.toMap(
                    BackendNode::name, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    return this;
  }

  /** Sets when the controller was last started. */
  public ClusterStatusBuilder startedAt(Instant when) {
    startedAt = Optional.of(when);
    return this;
  }

  /** Sets whether the cluster is being started. */
  public ClusterStatusBuilder starting(boolean isStarting) {
    starting = isStarting;
    return this;
  }

  /** Sets Slurm's state. */
  public ClusterStatusBuilder slurm(Snapshot snapshot) {
    slurm = Optional.of(snapshot);
    return this;
  }

  /** Sets why slurmctld did not answer. */
  public ClusterStatusBuilder noAnswer(String why) {
    noAnswer = Optional.of(why);
    return this;
  }

  /** Sets the access to the running cluster. */
  public ClusterStatusBuilder connection(Reach reach) {
    connection = Optional.of(reach);
    return this;
  }

  /** Sets the container registry. */
  public ClusterStatusBuilder registry(Registry service) {
    registry = Optional.of(service);
    return this;
  }

  /** Sets slurmrestd. */
  public ClusterStatusBuilder rest(Rest service) {
    rest = Optional.of(service);
    return this;
  }

  /**
   * Returns the status.
   *
   * @param now the present time, for the uptime
   */
  public ClusterStatus build(Instant now) {
    List<NodeStatus> nodes = names().stream().map(this::node).toList();
    State status = status(nodes);
    Optional<Instant> start =
        startedAt.filter(when -> controller().filter(BackendNode::running).isPresent());
    return new ClusterStatus(
        ClusterStatus.SCHEMA_VERSION,
        name,
        directory,
        directoryExists,
        engine,
        status,
        problem(status, nodes),
        slurm
            .map(Snapshot::version)
            .filter(version -> !version.isEmpty())
            .or(() -> definition.map(planned -> planned.slurmVersion().release())),
        createdAt,
        start,
        start
            .map(when -> OptionalLong.of(Math.max(0, Duration.between(when, now).toSeconds())))
            .orElse(OptionalLong.empty()),
        owner,
        nodes,
        partitions(nodes),
        slurm.map(ClusterStatusBuilder::jobs),
        connection,
        registry,
        rest,
        definition.map(ClusterDefinition::pbsCommands));
  }

  private Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    definition.ifPresent(planned -> planned.nodes().forEach(node -> names.add(node.name())));
    names.addAll(existing.keySet());
    slurm.ifPresent(answer -> answer.nodes().forEach(node -> names.add(node.name())));
    definition.ifPresent(
        planned ->
            planned
                .absentNodes()
                .forEach(node -> HostList.expand(node.name()).forEach(names::remove)));
    return names;
  }

  private boolean anyRuns() {
    return existing.values().stream().anyMatch(BackendNode::running);
  }

  private Optional<BackendNode> controller() {
    return existing.values().stream().filter(node -> node.runsController()).findFirst();
  }

  private NodeStatus node(String node) {
    @Nullable BackendNode found = existing.get(node);
    Optional<NodeDefinition> planned =
        definition.flatMap(
            whole -> whole.nodes().stream().filter(each -> each.name().equals(node)).findFirst());
    Optional<Node> known =
        slurm.flatMap(
            answer -> answer.nodes().stream().filter(each -> each.name().equals(node)).findFirst());
    String role =
        found != null
            ? found.role()
            : planned.map(each -> each.role().id()).orElse(Role.COMPUTE.id());
    boolean running = found != null && found.running();
    String detail = found == null ? "does not exist" : found.detail();
    Condition condition = condition(found, role, known);
    Map<String, Integer> gpus =
        known.map(Node::gpus).or(() -> planned.map(NodeDefinition::gpus)).orElse(Map.of());
    return new NodeStatus(
        node,
        role,
        running,
        detail,
        condition.state,
        condition.well,
        number(known.map(Node::cpus).or(() -> planned.map(NodeDefinition::cpus))),
        number(known.map(Node::cpusAllocated)),
        megabytes(known.map(Node::memory).or(() -> planned.map(each -> (long) each.memory()))),
        megabytes(known.map(Node::memoryAllocated)),
        known.isPresent() || planned.isPresent() ? OptionalInt.of(sum(gpus)) : OptionalInt.empty(),
        number(known.map(each -> sum(each.gpusAllocated()))),
        gpus,
        known
            .map(Node::partitions)
            .or(() -> planned.map(NodeDefinition::partitions))
            .orElse(List.of()),
        condition.reason);
  }

  /** The condition of a node. */
  private record Condition(String state, boolean well, Optional<String> reason) {}

  private Condition condition(@Nullable BackendNode found, String role, Optional<Node> known) {
    if (found == null) {
      // If no node exists, none is missing.
      return new Condition(
          "missing", false, existing.isEmpty() ? Optional.empty() : Optional.of("does not exist"));
    }
    if (!found.running()) {
      return anyRuns()
          ? new Condition("dead", false, Optional.of(found.detail()))
          : new Condition("stopped", false, Optional.empty());
    }
    if (role.equals(RegistryDefinition.HOST)) {
      // Slurm has no node of this name.
      return new Condition("up", true, Optional.empty());
    }
    if (slurm.isEmpty()) {
      return found.runsController()
          ? new Condition("down", false, noAnswer)
          : new Condition("unknown", false, Optional.empty());
    }
    if (known.isEmpty()) {
      return role.equals(Role.CONTROLLER.id())
          ? new Condition("up", true, Optional.empty())
          : new Condition("unknown", false, Optional.of("is not in slurm.conf"));
    }
    NodeState state = known.get().state();
    return new Condition(
        state.toString(),
        state.isWell(),
        // Slurm 24.11 keeps the reason of a node that accepts jobs again.
        state.isWell() ? Optional.empty() : known.get().reason().map(Node.Reason::text));
  }

  private State status(List<NodeStatus> nodes) {
    boolean allWell = slurm.isPresent() && nodes.stream().allMatch(NodeStatus::well);
    if (allWell) {
      return State.RUNNING;
    }
    if (starting) {
      return State.STARTING;
    }
    if (existing.isEmpty()) {
      return State.CREATED;
    }
    if (!anyRuns()) {
      return State.STOPPED;
    }
    return slurm.isPresent() ? State.DEGRADED : State.FAILED;
  }

  private Optional<String> problem(State status, List<NodeStatus> nodes) {
    if (status == State.FAILED) {
      Optional<BackendNode> dead = controller().filter(node -> !node.running());
      return dead.map(node -> "the controller, node " + node.name() + ", " + node.detail())
          .or(() -> noAnswer)
          .or(() -> Optional.of("slurmctld does not answer"));
    }
    if (status == State.DEGRADED) {
      return Optional.of(
          nodes.stream()
              .filter(node -> !node.well())
              .map(
                  node ->
                      "node "
                          + node.name()
                          + " is "
                          + node.state()
                          + node.reason().map(reason -> " (" + reason + ")").orElse(""))
              .collect(Collectors.joining(", ")));
    }
    return Optional.empty();
  }

  private List<PartitionStatus> partitions(List<NodeStatus> nodes) {
    List<PartitionStatus> partitions = new ArrayList<>();
    if (slurm.isPresent()) {
      for (Partition partition : slurm.get().partitions()) {
        partitions.add(
            new PartitionStatus(
                partition.name(),
                partition.isDefault(),
                partition.state().toLowerCase(Locale.ROOT),
                members(partition.name(), nodes),
                partition.nodes(),
                Optional.of(partition.maxTime()).filter(time -> !time.equals("UNLIMITED"))));
      }
    } else if (definition.isPresent()) {
      definition
          .get()
          .partitions()
          .forEach(
              partition ->
                  partitions.add(
                      new PartitionStatus(
                          partition.name(),
                          partition.isDefault(),
                          "unknown",
                          partition.nodes(),
                          String.join(",", partition.nodes()),
                          partition.maxTime())));
    }
    return partitions;
  }

  private static List<String> members(String partition, List<NodeStatus> nodes) {
    return nodes.stream()
        .filter(node -> node.partitions().contains(partition))
        .map(NodeStatus::name)
        .toList();
  }

  private static Jobs jobs(Snapshot answer) {
    return new Jobs(
        (int) answer.jobs().stream().filter(job -> job.state().isActive()).count(),
        (int) answer.jobs().stream().filter(job -> job.state().isWaiting()).count());
  }

  private static int sum(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static OptionalInt number(Optional<Integer> value) {
    return value.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  private static OptionalLong megabytes(Optional<Long> value) {
    return value.map(OptionalLong::of).orElse(OptionalLong.empty());
  }
}
