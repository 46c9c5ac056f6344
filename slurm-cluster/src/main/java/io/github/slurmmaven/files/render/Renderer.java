/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileContent;
import io.github.slurmmaven.common.Templates;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.Gres;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.PartitionDefinition;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.ReleaseFact;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.files.render.RenderTarget.Containers;
import io.github.slurmmaven.files.render.RenderTarget.Processes;
import io.github.slurmmaven.resource.Resources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.velocity.VelocityContext;

/** Renders a cluster's files. The same context gives the same bytes. */
public final class Renderer {

  /** First address of a node. The engine assigns lower ones to services without an address. */
  private static final int FIRST_ADDRESS = 50;

  /** Before the nodes, whose number may grow. */
  private static final int REGISTRY_ADDRESS = FIRST_ADDRESS - 1;

  private static final String LOOPBACK = "127.0.0.1";

  private static final String GRES = "Gres";

  /** A default of a job's memory for each node instead of each processor. */
  private static final String PER_NODE = "DefMemPerNode";

  /**
   * The loopback's broadcast address, to which a connection fails at once. If a port refused the
   * connection, Slurm would retry for ten seconds, with a thread for each node.
   */
  private static final String NOWHERE = " NodeAddr=127.255.255.255 Port=1";

  private static final String SUBNET = "${SLURM_MAVEN_SUBNET}";

  private static final String REGISTRY_PORT = "${SLURM_MAVEN_REGISTRY_PORT}";

  private static final Templates TEMPLATES = new Templates(Renderer.class);

  /** Loads Velocity and parses the templates of every cluster in advance. */
  public static void prepare() {
    List.of("slurm.conf.vm", "gres.conf.vm", "cgroup.conf.vm", "plugstack.conf.vm")
        .forEach(TEMPLATES::parse);
  }

  /**
   * Renders the files.
   *
   * @return contents by path below the cluster's directory, in the order in which they are best
   *     read
   */
  public Map<String, FileContent> render(RenderContext context) {
    Map<String, FileContent> files = new LinkedHashMap<>();
    OwnConfiguration own = new OwnConfiguration(context);
    Map<String, FileContent> ownFiles = own.files();
    texts(context, own, ownFiles.keySet())
        .forEach((name, text) -> files.put(name, FileContent.of(text)));
    files.putAll(ownFiles);
    return files;
  }

  private Map<String, String> texts(
      RenderContext context, OwnConfiguration own, Set<String> ownFiles) {
    VelocityContext model = model(context.definition(), own);
    model.put("luaPlugins", own.luaPlugins(ownFiles));
    Map<String, String> files = new LinkedHashMap<>();
    files.put("cluster.yaml", ClusterYaml.write(context.definition()));
    if (context.target() instanceof Containers containers) {
      describeContainers(model, context, own, containers);
      files.put("docker-compose.yml", TEMPLATES.merge("docker-compose.yml.vm", model));
      files.put(".env", TEMPLATES.merge("env.vm", model));
    } else if (context.target() instanceof Processes processes) {
      describeProcesses(model, context, own, processes);
      files.put(".env", TEMPLATES.merge("ports.env.vm", model));
    }
    files.put("config/slurm.conf", TEMPLATES.merge("slurm.conf.vm", model));
    files.put("config/gres.conf", TEMPLATES.merge("gres.conf.vm", model));
    files.put("config/cgroup.conf", TEMPLATES.merge("cgroup.conf.vm", model));
    files.put("config/plugstack.conf", TEMPLATES.merge("plugstack.conf.vm", model));
    if (context.target() instanceof Containers && context.definition().pyxis().isPresent()) {
      files.put("config/enroot.conf", TEMPLATES.merge("enroot.conf.vm", model));
      files.put("config/seccomp-pyxis.json", Resources.text(Renderer.class, "seccomp-pyxis.json"));
    }
    if (context.definition().accounting().isPresent()) {
      files.put("config/slurmdbd.conf", TEMPLATES.merge("slurmdbd.conf.vm", model));
      files.put("config/sacctmgr.txt", TEMPLATES.merge("sacctmgr.txt.vm", model));
    }
    own.jobClock()
        .forEach((name, script) -> files.put(name, TEMPLATES.merge("job-clock.sh.vm", script)));
    own.scripts().forEach((name, script) -> files.put(name, TEMPLATES.merge("both.sh.vm", script)));
    return files;
  }

  /** Returns a sentence for each limit that containers cannot have. */
  public static List<String> clampedLimits(ClusterDefinition definition, Containers target) {
    List<String> clamped = new ArrayList<>();
    int cpus = definition.nodes().stream().mapToInt(NodeDefinition::cpus).max().orElse(0);
    int memory = definition.nodes().stream().mapToInt(NodeDefinition::memory).max().orElse(0);
    if (cpus > target.maxCpus()) {
      clamped.add(cpus + " CPUs to " + target.maxCpus());
    }
    if (memory > target.maxMemory()) {
      clamped.add(memory + " MB of memory to " + target.maxMemory() + " MB");
    }
    return clamped;
  }

  /** Returns the names of all generic resources of nodes. */
  private static String gresTypes(ClusterDefinition definition) {
    Set<String> types = new LinkedHashSet<>();
    Stream.concat(definition.nodes().stream(), definition.absentNodes().stream())
        .forEach(
            node -> {
              if (node.hasGpus()) {
                types.add(Gres.GPU);
              }
              GresModel.all(node).forEach(gres -> types.add(gres.name()));
            });
    return String.join(",", types);
  }

  /** Returns the model that all templates share. */
  private static VelocityContext model(ClusterDefinition definition, OwnConfiguration own) {
    VelocityContext model = new VelocityContext();
    model.put("definition", definition);
    model.put("slurmConf", own.linesAsTheyAre());
    model.put("configuration", own.directory());
    model.put("authInfo", own.authInfo());
    model.put("jobAcctGatherParams", own.jobAcctGatherParams());
    model.put("schedulerParameters", own.schedulerParameters());
    model.put("slurmdTimeout", own.real(30));
    model.put("killWait", own.real(5));
    model.put("memoryLookInterval", own.real(1));
    model.put("timeouts", own.timeouts());
    model.put("slurmdParameters", own.slurmdParameters());
    model.put("epilog", own.epilog());
    model.put("endedJobs", !own.sets("JobCompType") && !own.sets("JobCompLoc"));
    model.put("taskProlog", own.taskProlog());
    model.put("gresTypes", gresTypes(definition));
    model.put(
        "gres",
        definition.computeNodes().stream().flatMap(node -> GresModel.of(node).stream()).toList());
    model.put(
        "absentNodes",
        definition.absentNodes().stream()
            .map(node -> ComputeNodeModel.of(definition, node, NOWHERE))
            .toList());
    model.put(
        "partitions",
        definition.partitions().stream()
            .map(partition -> PartitionModel.of(definition, partition, own))
            .toList());
    model.put("pyxis", definition.pyxis().orElse(null));
    model.put(
        "cgroupPluginCanBeDisabled",
        ReleaseFact.CGROUP_PLUGIN_DISABLED.isTrueOf(definition.slurmVersion()));
    model.put(
        "environmentCache", ReleaseFact.ENVIRONMENT_CACHE.isTrueOf(definition.slurmVersion()));
    return model;
  }

  private static void describeContainers(
      VelocityContext model, RenderContext context, OwnConfiguration own, Containers target) {
    ClusterDefinition definition = context.definition();
    List<NodeModel> nodes = nodes(definition, target);
    List<HostModel> hosts = new ArrayList<>();
    nodes.forEach(node -> hosts.add(new HostModel(node.name(), node.address())));
    model.put("processes", null);
    model.put("project", target.project());
    model.put("directory", yamlString(context.directory().toString()));
    model.put("image", target.image());
    model.put("subnet", SUBNET);
    model.put("sshPort", "${SLURM_MAVEN_SSH_PORT}");
    model.put("registryPort", REGISTRY_PORT);
    model.put("restPort", "${SLURM_MAVEN_REST_PORT}");
    model.put("allocation", target);
    model.put("nodes", nodes);
    model.put("hosts", hosts);
    model.put(
        "registry",
        definition
            .registry()
            .map(
                registry -> {
                  String address = SUBNET + "." + REGISTRY_ADDRESS;
                  hosts.add(new HostModel(RegistryDefinition.HOST, address));
                  return new RegistryModel(
                      registry.image(),
                      address,
                      registryNames(target.host(), definition.ssh().bindAddress()));
                })
            .orElse(null));
    model.put(
        "mounts",
        definition.mounts().stream()
            .map(
                mount ->
                    new MountModel(
                        yamlString(mount.source()), yamlString(mount.target()), mount.readOnly()))
            .toList());
    putAccounting(
        model, definition, own, definition.controller().name(), 0, "", SshDefinition.USER);
    model.put(
        "computeNodes",
        definition.computeNodes().stream()
            .map(node -> ComputeNodeModel.of(definition, node, ""))
            .toList());
    model.put("gpus", gpus(definition, "/dev"));
  }

  /**
   * Adds the accounting to the model, if the cluster has it.
   *
   * @param host host of slurmdbd
   * @param port its port; 0 for Slurm's default
   * @param munge munged's socket; empty for Slurm's default
   * @param user the name of the definition's user on the backend
   */
  private static void putAccounting(
      VelocityContext model,
      ClusterDefinition definition,
      OwnConfiguration own,
      String host,
      int port,
      String munge,
      String user) {
    model.put(
        "accounting",
        definition
            .accounting()
            .map(
                accounting ->
                    AccountingModel.of(definition, accounting, host, port, munge, user, own::sets))
            .orElse(null));
  }

  private static void describeProcesses(
      VelocityContext model, RenderContext context, OwnConfiguration own, Processes target) {
    ClusterDefinition definition = context.definition();
    model.put("processes", target);
    model.put("root", target.root());
    putAccounting(
        model,
        definition,
        own,
        LOOPBACK,
        target.slurmdbdPort(),
        target.mungeSocket().toString(),
        target.user());
    model.put("shortcut", !target.root().equals(context.directory()));
    List<ComputeNodeModel> nodes = new ArrayList<>();
    for (NodeDefinition node : definition.computeNodes()) {
      int port = target.slurmPort() + 1 + nodes.size();
      nodes.add(ComputeNodeModel.of(definition, node, " NodeAddr=" + LOOPBACK + " Port=" + port));
    }
    model.put("computeNodes", nodes);
    model.put("gpus", gpus(definition, target.root().resolve("gpu").toString()));
  }

  private static List<GpuModel> gpus(ClusterDefinition definition, String devices) {
    return definition.nodes().stream()
        .flatMap(node -> GpuModel.of(node, devices).stream())
        .toList();
  }

  private static List<NodeModel> nodes(ClusterDefinition definition, Containers target) {
    List<NodeModel> nodes = new ArrayList<>();
    for (NodeDefinition node : definition.nodes()) {
      List<String> gpuTypes = new ArrayList<>();
      node.gpus()
          .forEach(
              (type, count) ->
                  gpuTypes.addAll(
                      Collections.nCopies(
                          count, type.equals(NodeDefinition.UNTYPED) ? Gres.GPU : type)));
      Privileges privileges = Privileges.of(definition, node);
      nodes.add(
          new NodeModel(
              node.name(),
              node.role().id(),
              node.role().runsController(),
              node.role().runsJobs(),
              address(nodes.size()),
              String.join(",", gpuTypes),
              String.join(", ", privileges.dropped()),
              privileges.gainable(),
              Math.min(node.cpus(), target.maxCpus()),
              Math.min(node.memory(), target.maxMemory())));
    }
    return nodes;
  }

  /** Returns the registry's name on the nodes, and the names that clients use to push to it. */
  private static String registryNames(String host, String bindAddress) {
    return Stream.of(
            RegistryDefinition.HOST + ":" + RegistryDefinition.DEFAULT_PORT,
            "localhost:" + REGISTRY_PORT,
            "127.0.0.1:" + REGISTRY_PORT,
            host + ":" + REGISTRY_PORT,
            bindAddress + ":" + REGISTRY_PORT)
        .distinct()
        .collect(Collectors.joining(","));
  }

  private static String address(int index) {
    return SUBNET + "." + (FIRST_ADDRESS + index);
  }

  /** Returns a double-quoted YAML string in which Compose does not replace {@code $}. */
  private static String yamlString(String value) {
    StringBuilder text = new StringBuilder("\"");
    value
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\', '"' -> text.append('\\').appendCodePoint(c);
                case '$' -> text.append("$$");
                default -> {
                  // Other characters may be line breaks or forbidden in YAML.
                  if ((c >= ' ' && c < 0x7f) || Character.isLetterOrDigit(c)) {
                    text.appendCodePoint(c);
                  } else {
                    text.append("\\U%08x".formatted(c));
                  }
                }
              }
            });
    return text.append('"').toString();
  }

  private static String optionText(Map<String, String> options) {
    StringBuilder text = new StringBuilder();
    options.forEach((key, value) -> text.append(' ').append(key).append('=').append(value));
    return text.toString();
  }

  /** A node's container for the templates. */
  public record NodeModel(
      String name,
      String role,
      boolean runsController,
      boolean runsJobs,
      String address,
      String gpuTypes,
      String droppedCapabilities,
      boolean gainsPrivileges,
      int cpuLimit,
      long memoryLimit) {}

  /** A host name that every node can resolve. */
  public record HostModel(String name, String address) {}

  /** The registry for the templates, with the names that jobs may use. */
  public record RegistryModel(String image, String address, String names) {}

  /** A mount for the templates. Source and target are YAML strings. */
  public record MountModel(String source, String target, boolean readOnly) {}

  /** GPUs of one type on one node, for the templates. */
  public record GpuModel(String node, String type, String files) {

    static List<GpuModel> of(NodeDefinition node, String devices) {
      List<GpuModel> gpus = new ArrayList<>();
      int first = 0;
      for (Map.Entry<String, Integer> type : node.gpus().entrySet()) {
        int last = first + type.getValue() - 1;
        gpus.add(
            new GpuModel(
                node.name(),
                type.getKey(),
                devices + "/fakegpu" + (first == last ? first : "[" + first + "-" + last + "]")));
        first = last + 1;
      }
      return gpus;
    }
  }

  /** Generic resources other than GPUs on one node, for the templates. */
  public record GresModel(String node, String name, String type, String count) {

    static List<GresModel> of(NodeDefinition node) {
      return all(node).stream()
          .filter(gres -> !gres.isGpu())
          .map(
              gres -> new GresModel(node.name(), gres.name(), gres.type().orElse(""), gres.count()))
          .toList();
    }

    /** Returns the generic resources of the node's own line. */
    private static List<Gres> all(NodeDefinition node) {
      return node.options().entrySet().stream()
          .filter(option -> option.getKey().equalsIgnoreCase(GRES))
          .flatMap(option -> parse(node, option.getValue()).stream())
          .toList();
    }

    private static List<Gres> parse(NodeDefinition node, String value) {
      try {
        return Gres.parse(value);
      } catch (IllegalArgumentException e) {
        throw new UserMistakeException(
            "nodes: %s: %s=%s %s".formatted(node.name(), GRES, value, e.getMessage()), e);
      }
    }
  }

  /** A node's line of slurm.conf, for the templates. */
  public record ComputeNodeModel(
      String name, String address, int cpus, int memory, String options) {

    static ComputeNodeModel of(ClusterDefinition definition, NodeDefinition node, String address) {
      Map<String, String> options = new LinkedHashMap<>();
      if (node.hasGpus()) {
        options.put(
            GRES,
            node.gpus().entrySet().stream()
                .map(
                    type ->
                        type.getKey().equals(NodeDefinition.UNTYPED)
                            ? "gpu:" + type.getValue()
                            : "gpu:" + type.getKey() + ":" + type.getValue())
                .collect(Collectors.joining(",")));
      }
      String features =
          definition.partitions().stream()
              .filter(partition -> partition.nodes().contains(node.name()))
              .flatMap(partition -> partition.features().stream())
              .distinct()
              .collect(Collectors.joining(","));
      if (!features.isEmpty()) {
        options.put("Feature", features);
      }
      options.putAll(node.options());
      return new ComputeNodeModel(
          node.name(), address, node.cpus(), node.memory(), optionText(options));
    }
  }

  /** A partition's line of slurm.conf, for the templates. */
  public record PartitionModel(
      String name, String nodes, String isDefault, String maxTime, String options) {

    static PartitionModel of(
        ClusterDefinition definition, PartitionDefinition partition, OwnConfiguration own) {
      // Without this, a job without --mem gets the whole node's memory.
      int defMemPerCpu =
          definition.nodes().stream()
              .filter(node -> partition.nodes().contains(node.name()))
              .mapToInt(node -> node.memory() / node.cpus())
              .min()
              .orElse(0);
      Map<String, String> options = new LinkedHashMap<>();
      if (!own.sets("DefMemPerCPU") && !own.sets(PER_NODE) && !has(partition, PER_NODE)) {
        options.put("DefMemPerCPU", Integer.toString(Math.max(1, defMemPerCpu)));
      }
      options.putAll(partition.options());
      if (!has(partition, "State")) {
        options.put("State", "UP");
      }
      return new PartitionModel(
          partition.name(),
          String.join(",", partition.nodes()),
          partition.isDefault() ? "YES" : "NO",
          partition.maxTime().orElse("UNLIMITED"),
          optionText(options));
    }

    private static boolean has(PartitionDefinition partition, String option) {
      return partition.options().keySet().stream().anyMatch(option::equalsIgnoreCase);
    }
  }
}
