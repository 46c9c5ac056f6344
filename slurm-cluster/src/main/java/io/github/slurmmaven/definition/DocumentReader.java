/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDocument.FileToCopy;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import io.github.slurmmaven.definition.ClusterDocument.Mount;
import io.github.slurmmaven.definition.ClusterDocument.Node;
import io.github.slurmmaven.definition.ClusterDocument.Partition;
import io.github.slurmmaven.definition.ClusterDocument.Pyxis;
import io.github.slurmmaven.definition.ClusterDocument.Registry;
import io.github.slurmmaven.definition.ClusterDocument.Ssh;
import io.github.slurmmaven.definition.ClusterDocument.Step;
import io.github.slurmmaven.definition.ClusterDocument.User;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns a document into a cluster, and names place and path of what it refuses. */
final class DocumentReader {

  /** Id of the first of the {@code users}; {@code slurm} has 1000. */
  private static final int FIRST_UID = 1001;

  /** The last that Debian gives to people. */
  private static final int LAST_UID = 59999;

  /** Host names that every node has in /etc/hosts, and what means all nodes. */
  private static final Set<String> RESERVED =
      Set.of("localhost", "any4", RegistryDefinition.HOST, SetupStep.ALL);

  private final Origin origin;
  private final Path directory;

  /** Path in the document by name of a node. */
  private final Map<String, String> paths = new LinkedHashMap<>();

  DocumentReader(Origin origin, Path directory) {
    this.origin = origin;
    this.directory = directory;
  }

  ClusterDefinition read(ClusterDocument document) {
    List<NodeDefinition> nodes = nodes(document);
    List<PartitionDefinition> partitions = partitions(document, nodes);
    List<NodeDefinition> members =
        nodes.stream()
            .map(
                node ->
                    new NodeDefinition(
                        node.name(),
                        node.role(),
                        node.cpus(),
                        node.memory(),
                        node.gpus(),
                        partitions.stream()
                            .filter(partition -> partition.nodes().contains(node.name()))
                            .map(PartitionDefinition::name)
                            .toList(),
                        node.options()))
            .toList();
    List<String> places = new ArrayList<>();
    places.add(SetupStep.ALL);
    Arrays.stream(Role.values()).map(Role::id).forEach(places::add);
    nodes.stream().map(NodeDefinition::name).forEach(places::add);
    return new ClusterDefinition(
        check(() -> Checks.name("name", present("name", document.name()))),
        Optional.ofNullable(document.preset()),
        Optional.ofNullable(document.slurmVersion())
            .map(release -> check(() -> SlurmVersion.of("slurm_version", release)))
            .orElse(SlurmVersion.DEFAULT),
        Optional.ofNullable(document.image())
            .map(reference -> check(() -> Checks.image("image", reference))),
        members,
        partitions,
        ssh(document.ssh() == null ? new Ssh(null, null, null) : document.ssh()),
        document.services() == null ? Optional.empty() : registry(document.services().registry()),
        document.services() == null ? Optional.empty() : pyxis(document.services().pyxis()),
        users(document.users()),
        each("mounts", document.mounts(), this::mount),
        each("files", document.files(), (path, file) -> file(path, file, places)),
        each("setup", document.setup(), (path, step) -> step(path, step, places)),
        each("slurm_conf", document.slurmConf(), this::line),
        each("cgroup_conf", document.cgroupConf(), this::line));
  }

  private List<NodeDefinition> nodes(ClusterDocument document) {
    List<NodeDefinition> nodes = new ArrayList<>();
    each("nodes", notEmpty("nodes", document.nodes()), this::nodes).forEach(nodes::addAll);
    exactlyOne(
        "nodes",
        nodes.stream().filter(node -> node.role().runsController()).count(),
        "node with role controller or all-in-one");
    if (nodes.stream().noneMatch(node -> node.role().runsJobs())) {
      throw new UserMistakeException(
          origin.of("nodes") + ": none of them runs jobs: add one with role compute");
    }
    return nodes;
  }

  private List<NodeDefinition> nodes(String path, Node node) {
    Role role = role(path + ".role", present(path + ".role", node.role()));
    Map<String, Integer> gpus = gpus(path, node);
    if (!gpus.isEmpty() && !role.runsJobs()) {
      throw mistake(path + ".gpus", gpus, "stands on a controller, which runs no jobs");
    }
    List<String> names = hosts(path + ".name", present(path + ".name", node.name()));
    for (String name : names) {
      if (RESERVED.contains(name)) {
        throw mistake(
            path + ".name", name, "stands for something else on every node: use another name");
      }
      unique(path + ".name", name, paths.keySet());
      paths.put(name, path);
    }
    return names.stream()
        .map(
            name ->
                new NodeDefinition(
                    name,
                    role,
                    cpus(path + ".cpus", node.cpus()),
                    memory(path + ".memory", node.memory()),
                    gpus,
                    node.partitions() == null ? List.of() : node.partitions(),
                    options(path + ".options", node.options())))
        .toList();
  }

  private Map<String, Integer> gpus(String path, Node node) {
    Gpus gpus = node.gpus();
    Map<String, Integer> byType = new LinkedHashMap<>();
    if (gpus == null) {
      if (node.gpuType() != null) {
        throw mistake(
            path + ".gpu_type", node.gpuType(), "has no number: say how many GPUs in gpus");
      }
      return byType;
    }
    if (gpus.count != null) {
      if (atLeast(path + ".gpus", gpus.count, 0) == 0) {
        return byType;
      }
      if (node.gpuType() == null) {
        throw mistake(
            path + ".gpus",
            gpus.count,
            "has no type: name it in gpu_type (gpuType in a POM), for example fake or a100");
      }
      byType.put(gpuType(path + ".gpu_type", node.gpuType()), gpus.count);
      return byType;
    }
    if (node.gpuType() != null) {
      throw mistake(
          path + ".gpu_type", node.gpuType(), "is said twice: gpus already names the types");
    }
    gpus.byType.forEach(
        (type, count) ->
            byType.put(gpuType(path + ".gpus", type), atLeast(path + ".gpus." + type, count, 1)));
    return byType;
  }

  private String gpuType(String path, String type) {
    return check(() -> Checks.gpuType(path, type));
  }

  private Role role(String path, String id) {
    return Arrays.stream(Role.values())
        .filter(role -> role.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                mistake(
                    path,
                    id,
                    "is not a role: use "
                        + Arrays.stream(Role.values())
                            .map(Role::id)
                            .collect(Collectors.joining(", "))));
  }

  private List<PartitionDefinition> partitions(
      ClusterDocument document, List<NodeDefinition> nodes) {
    List<Partition> given = notEmpty("partitions", document.partitions());
    Set<String> names = new LinkedHashSet<>();
    each(
        "partitions",
        given,
        (path, partition) -> {
          String name = present(path + ".name", partition.name());
          unique(path + ".name", name, names);
          return names.add(name);
        });
    for (NodeDefinition node : nodes) {
      node.partitions()
          .forEach(
              partition ->
                  known(paths.get(node.name()) + ".partitions", partition, names, "partition"));
    }
    List<PartitionDefinition> partitions =
        each("partitions", given, (path, partition) -> partition(path, partition, nodes));
    exactlyOne(
        "partitions",
        partitions.stream().filter(PartitionDefinition::isDefault).count(),
        "partition with default: true");
    return partitions;
  }

  private PartitionDefinition partition(
      String path, Partition partition, List<NodeDefinition> nodes) {
    String name = name(path + ".name", present(path + ".name", partition.name()));
    List<String> nodeNames = nodes.stream().map(NodeDefinition::name).toList();
    Set<String> named = new LinkedHashSet<>();
    for (String expression : partition.nodes() == null ? List.<String>of() : partition.nodes()) {
      hosts(path + ".nodes", expression)
          .forEach(
              node -> {
                known(path + ".nodes", node, nodeNames, "node");
                named.add(node);
              });
    }
    // Membership may be said on either side.
    List<String> members = new ArrayList<>();
    for (NodeDefinition node : nodes) {
      if (named.contains(node.name()) || node.partitions().contains(name)) {
        if (!node.role().runsJobs()) {
          throw mistake(path + ".nodes", node.name(), "is a controller, which runs no jobs");
        }
        members.add(node.name());
      }
    }
    return new PartitionDefinition(
        name,
        partition.isDefault() != null && partition.isDefault(),
        Optional.ofNullable(partition.maxTime())
            .map(time -> check(() -> Checks.time(path + ".max_time", time))),
        each(path + ".features", partition.features(), this::feature),
        notEmpty(path + ".nodes", members),
        options(path + ".options", partition.options()));
  }

  private SshDefinition ssh(Ssh ssh) {
    return new SshDefinition(
        port("ssh.port", ssh.port()),
        check(
            () ->
                Checks.bindAddress(
                    "ssh.bind_address",
                    ssh.bindAddress() == null ? "127.0.0.1" : ssh.bindAddress())),
        ssh.passwordLogin() == null || ssh.passwordLogin());
  }

  private Optional<RegistryDefinition> registry(@Nullable Registry registry) {
    if (registry == null || !registry.enabled) {
      return Optional.empty();
    }
    String image = registry.image == null ? RegistryDefinition.DEFAULT_IMAGE : registry.image;
    return Optional.of(
        new RegistryDefinition(
            check(() -> Checks.image("services.registry.image", image)),
            port("services.registry.port", registry.port)));
  }

  private Optional<PyxisDefinition> pyxis(@Nullable Pyxis pyxis) {
    if (pyxis == null || !pyxis.enabled) {
      return Optional.empty();
    }
    return Optional.of(
        new PyxisDefinition(
            archive(
                "services.pyxis.",
                pyxis.url == null ? PyxisDefinition.DEFAULT_URL : pyxis.url,
                pyxis.sha256),
            archive(
                "services.pyxis.enroot_",
                pyxis.enrootUrl == null ? PyxisDefinition.DEFAULT_ENROOT_URL : pyxis.enrootUrl,
                pyxis.enrootSha256),
            pyxis.helpers == null
                ? PyxisDefinition.DEFAULT.helpers()
                : check(
                    () -> PyxisDefinition.Helpers.of("services.pyxis.helpers", pyxis.helpers))));
  }

  private PyxisDefinition.Archive archive(String prefix, String url, @Nullable String sha256) {
    return new PyxisDefinition.Archive(
        check(() -> Checks.archive(prefix + "url", url, directory)),
        Optional.ofNullable(sha256).map(hex -> check(() -> Checks.sha256(prefix + "sha256", hex))));
  }

  private List<UserDefinition> users(@Nullable List<User> users) {
    List<UserDefinition> accounts = new ArrayList<>();
    List<User> given = users == null ? List.of() : users;
    for (int i = 0; i < given.size(); i++) {
      String path = "users[" + i + "]";
      User user = present(path, given.get(i));
      String name = present(path + ".name", user.name());
      int uid = user.uid() == null ? FIRST_UID + i : user.uid();
      unique(path + ".name", name, accounts.stream().map(UserDefinition::name).toList());
      unique(path + ".uid", uid, accounts.stream().map(UserDefinition::uid).toList());
      accounts.add(
          new UserDefinition(
              check(() -> Checks.userName(path + ".name", name)), uid(path + ".uid", uid)));
    }
    return accounts;
  }

  private int uid(String path, int uid) {
    if (uid < FIRST_UID || uid > LAST_UID) {
      throw mistake(path, uid, "is not free for a user: use " + FIRST_UID + " to " + LAST_UID);
    }
    return uid;
  }

  private MountDefinition mount(String path, Mount mount) {
    String target = nodePath(path + ".target", present(path + ".target", mount.target()));
    if (NodePaths.isMountedByUs(target)) {
      throw mistake(
          path + ".target",
          target,
          "is in a directory that the cluster mounts itself, read-only: copy files into "
              + NodePaths.CONFIGURATION
              + " with files, and mount elsewhere");
    }
    return new MountDefinition(
        hostPath(path + ".source", present(path + ".source", mount.source())),
        target,
        mount.readOnly() != null && mount.readOnly());
  }

  private FileCopy file(String path, FileToCopy file, List<String> places) {
    FileCopy copy =
        new FileCopy(
            hostPath(path + ".source", present(path + ".source", file.source())),
            nodePath(path + ".target", present(path + ".target", file.target())),
            place(path + ".on", file.on(), places));
    Optional<String> configuration = copy.configurationFile();
    if (configuration.isEmpty()) {
      if (NodePaths.isMountedByUs(copy.target())) {
        throw mistake(
            path + ".target",
            copy.target(),
            "is a directory that the cluster mounts itself, read-only: name a file below "
                + NodePaths.CONFIGURATION
                + ", or copy elsewhere");
      }
      return copy;
    }
    if (NodePaths.isRendered(configuration.get())) {
      throw mistake(
          path + ".target",
          copy.target(),
          "is made from the cluster's definition: use slurm_conf (slurmConf in a POM) for lines of"
              + " slurm.conf, or edit config/ in the cluster's directory");
    }
    if (!copy.on().equals(SetupStep.ALL)) {
      throw mistake(
          path + ".on",
          copy.on(),
          "is not possible below "
              + NodePaths.CONFIGURATION
              + ", which all nodes share: leave it out");
    }
    return copy;
  }

  private SetupStep step(String path, Step step, List<String> places) {
    String run = present(path + ".run", step.run());
    if (run.isBlank()) {
      throw new UserMistakeException(origin.of(path + ".run") + " is empty");
    }
    return new SetupStep(
        check(() -> Checks.command(path + ".run", run)), place(path + ".on", step.on(), places));
  }

  private String place(String path, @Nullable String on, List<String> places) {
    if (on == null) {
      return SetupStep.ALL;
    }
    known(path, on, places, "role or node");
    return on;
  }

  private String hostPath(String path, String host) {
    return check(() -> Checks.hostPath(path, host, directory));
  }

  private String nodePath(String path, String node) {
    return check(() -> Checks.nodePath(path, node));
  }

  private OptionalInt port(String path, @Nullable Integer port) {
    return port == null
        ? OptionalInt.empty()
        : OptionalInt.of(check(() -> Checks.port(path, port)));
  }

  private Map<String, String> options(String path, @Nullable Map<String, String> options) {
    return check(() -> Checks.options(path, options == null ? Map.of() : options));
  }

  private String line(String path, String line) {
    return check(() -> Checks.line(path, line));
  }

  private String feature(String path, String feature) {
    return check(() -> Checks.feature(path, feature));
  }

  private List<String> hosts(String path, String expression) {
    List<String> names;
    try {
      names = HostList.expand(expression);
    } catch (IllegalArgumentException e) {
      throw mistake(path, expression, String.valueOf(e.getMessage()));
    }
    names.forEach(name -> name(path, name));
    return names;
  }

  private String name(String path, String name) {
    return check(() -> Checks.hostName(path, name));
  }

  private int atLeast(String path, @Nullable Integer value, int minimum) {
    int given = present(path, value);
    return check(() -> Checks.atLeast(path, given, minimum));
  }

  private int cpus(String path, @Nullable Integer value) {
    int given = present(path, value);
    return check(() -> Checks.cpus(path, given));
  }

  private int memory(String path, @Nullable Integer megabytes) {
    int given = present(path, megabytes);
    return check(() -> Checks.memory(path, given));
  }

  private UserMistakeException mistake(String path, Object value, String problem) {
    return new UserMistakeException(origin.of(path) + ": " + Quoted.of(value) + " " + problem);
  }

  private <T> T present(String path, @Nullable T value) {
    if (value == null) {
      throw new UserMistakeException(origin.of(path) + " is missing");
    }
    return value;
  }

  private <T> List<T> notEmpty(String path, @Nullable List<T> values) {
    if (values == null || values.isEmpty()) {
      throw new UserMistakeException(origin.of(path) + " is empty: at least one is needed");
    }
    return values;
  }

  private <T, R> List<R> each(
      String path, @Nullable List<T> values, BiFunction<String, T, R> convert) {
    List<R> results = new ArrayList<>();
    List<T> given = values == null ? List.of() : values;
    for (int i = 0; i < given.size(); i++) {
      String element = path + "[" + i + "]";
      results.add(convert.apply(element, present(element, given.get(i))));
    }
    return results;
  }

  private <T> void unique(String path, T value, Collection<T> others) {
    if (others.contains(value)) {
      throw mistake(path, value, "stands there twice: it must be the only one");
    }
  }

  private void exactlyOne(String path, long count, String what) {
    if (count != 1) {
      throw new UserMistakeException(
          origin.of(path) + " has " + count + " of a " + what + ": exactly one is needed");
    }
  }

  private void known(String path, String name, Collection<String> names, String what) {
    if (!names.contains(name)) {
      throw mistake(
          path, name, "is not a " + what + " of this cluster: use " + String.join(", ", names));
    }
  }

  /** Runs a check of a parameter as one of this document. */
  private <T> T check(Supplier<T> check) {
    try {
      return check.get();
    } catch (InvalidParameterException e) {
      throw new UserMistakeException(
          origin.of(e.parameter()) + ": " + Quoted.of(e.value()) + " " + e.problem(), e);
    }
  }
}
