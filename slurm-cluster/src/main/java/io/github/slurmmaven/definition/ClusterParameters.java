/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.PyxisDefinition.Archive;
import io.github.slurmmaven.resource.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the user said a cluster shall be; null is what the user left to the defaults.
 *
 * @param directory where relative paths begin
 * @param name name; default {@value #DEFAULT_NAME}
 * @param preset preset; default {@value #DEFAULT_PRESET}
 * @param definition YAML file that defines the cluster instead of a preset
 * @param document definition that was given in parts, instead of a preset or over its parts
 * @param slurmVersion Slurm's release line; default {@link SlurmVersion#DEFAULT}
 * @param cpuNodes compute nodes without GPUs; default the preset's
 * @param gpuNodes compute nodes with GPUs; default the preset's
 * @param cpusPerNode processors of each compute node; default the preset's
 * @param gpusPerNode GPUs of each node that has any; default the preset's
 * @param memoryPerNode megabytes of each compute node; default the preset's
 * @param port SSH port on the host; default {@link SshDefinition#DEFAULT_PORT} or the next free one
 * @param bindAddress address of the host that published ports bind; default 127.0.0.1
 * @param passwordLogin whether password login is possible; default true
 * @param image prebuilt image of all nodes; default the one that is built
 * @param withRegistry whether there is a container registry; default the preset's
 * @param registryPort port of the registry on the host; default {@link
 *     RegistryDefinition#DEFAULT_PORT} or the next free one
 * @param registryImage image of the registry; default {@link RegistryDefinition#DEFAULT_IMAGE}
 * @param pyxis jobs in containers
 */
public record ClusterParameters(
    Path directory,
    @Nullable String name,
    @Nullable String preset,
    @Nullable Path definition,
    @Nullable ClusterDocument document,
    @Nullable String slurmVersion,
    @Nullable Integer cpuNodes,
    @Nullable Integer gpuNodes,
    @Nullable Integer cpusPerNode,
    @Nullable Integer gpusPerNode,
    @Nullable Integer memoryPerNode,
    @Nullable Integer port,
    @Nullable String bindAddress,
    @Nullable Boolean passwordLogin,
    @Nullable String image,
    @Nullable Boolean withRegistry,
    @Nullable Integer registryPort,
    @Nullable String registryImage,
    PyxisParameters pyxis) {

  public static final String DEFAULT_NAME = "slurm-test";
  public static final String DEFAULT_PRESET = "cpu";

  /** The presets there are. */
  public static final List<String> PRESETS = List.of("cpu", "gpu", "multi-node", "full");

  /** A definition that is not a file. */
  private static final String CONFIGURATION = "configuration";

  /**
   * One parameter that was given.
   *
   * @param parameter its name
   * @param value its value
   * @param change what it makes of a cluster
   * @param told what a cluster has instead, in words
   */
  private record Change(
      String parameter,
      Object value,
      UnaryOperator<ClusterDefinition> change,
      Function<ClusterDefinition, Object> told) {}

  /** The valid name: the given one, or else the definition's, or else the default. */
  public String validName() {
    if (name != null) {
      return Checks.name("name", name);
    }
    return definition == null ? DEFAULT_NAME : base().name();
  }

  /**
   * The cluster that these parameters ask for.
   *
   * @throws InvalidParameterException naming parameter, value and what is allowed
   * @throws UserMistakeException naming file and path of a mistake in the definition
   */
  public ClusterDefinition toSpec() {
    ClusterDefinition spec = base();
    for (Change change : changes()) {
      spec = change.change.apply(spec);
    }
    if (bindAddress != null
        && !bindAddress.startsWith("127.")
        && passwordLogin == null
        && spec.ssh().passwordLogin()) {
      throw new InvalidParameterException(
          "bindAddress",
          bindAddress,
          "lets other machines log in with the documented password: set passwordLogin to false (or"
              + " to true, if that is what you want)");
    }
    return spec.withIdentity(validName(), spec.preset(), spec.slurmVersion());
  }

  /**
   * Refuses a parameter that was given and says something else than an existing cluster, so that
   * nobody takes that cluster for what was asked.
   *
   * @throws InvalidParameterException naming the parameter
   */
  public void requireMatch(ClusterDefinition existing) {
    for (Change change : changes()) {
      if (!change.change.apply(existing).equals(existing)) {
        throw different(change.parameter, change.value, change.told.apply(existing));
      }
    }
    if (preset != null && !existing.preset().equals(Optional.of(preset))) {
      throw different("preset", preset, existing.preset().orElse("none"));
    }
    if (definition != null || document != null) {
      if (!describe(existing)) {
        throw definition != null
            ? different("definition", definition, "another definition")
            : different(
                "configuration", "nodes, partitions, users, mounts, files or setup", "another");
      }
    }
  }

  /**
   * Whether preset, definition or parts of one were given, and say something else than an existing
   * cluster.
   */
  public boolean isOtherTopology(ClusterDefinition existing) {
    if (preset == null && definition == null && document == null) {
      return false;
    }
    try {
      requireMatch(existing);
      return false;
    } catch (InvalidParameterException e) {
      return true;
    }
  }

  /**
   * Whether a cluster made of these parameters would have the same definition as an existing one,
   * image, ports, login and registry aside.
   */
  public boolean describe(ClusterDefinition existing) {
    return toSpec()
        .withAccess(existing.image(), existing.ssh(), existing.registry())
        .equals(existing);
  }

  private static InvalidParameterException different(
      String parameter, Object value, Object existing) {
    return new InvalidParameterException(
        parameter,
        value,
        "is not what the existing cluster has ("
            + existing
            + "): run slurm:create to render it anew, or slurm:destroy"
            + " first");
  }

  private List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    if (slurmVersion != null) {
      SlurmVersion version = SlurmVersion.of("slurmVersion", slurmVersion);
      changes.add(
          new Change(
              "slurmVersion",
              slurmVersion,
              spec -> spec.withIdentity(spec.name(), spec.preset(), version),
              ClusterDefinition::slurmVersion));
    }
    // Each alone would ask for a cluster of the other's present number.
    if (cpuNodes != null || gpuNodes != null) {
      changes.add(
          new Change(
              cpuNodes == null ? "gpuNodes" : "cpuNodes",
              Objects.requireNonNullElse(cpuNodes, Objects.requireNonNullElse(gpuNodes, 0)),
              spec -> Topology.resize(spec, cpuNodes, gpuNodes),
              spec ->
                  spec.computeNodes().stream()
                      .filter(node -> node.hasGpus() == (cpuNodes == null))
                      .count()));
    }
    if (cpusPerNode != null) {
      Checks.cpus("cpusPerNode", cpusPerNode);
      changes.add(
          new Change(
              "cpusPerNode",
              cpusPerNode,
              spec -> spec.withComputeNodes(node -> node.withCpus(cpusPerNode)),
              spec -> ofNodes(spec, NodeDefinition::cpus)));
    }
    if (memoryPerNode != null) {
      Checks.memory("memoryPerNode", memoryPerNode);
      changes.add(
          new Change(
              "memoryPerNode",
              memoryPerNode,
              spec -> spec.withComputeNodes(node -> node.withMemory(memoryPerNode)),
              spec -> ofNodes(spec, NodeDefinition::memory)));
    }
    if (gpusPerNode != null) {
      Checks.atLeast("gpusPerNode", gpusPerNode, 1);
      changes.add(
          new Change(
              "gpusPerNode",
              gpusPerNode,
              spec -> withGpusPerNode(spec, gpusPerNode),
              spec -> ofNodes(spec, NodeDefinition::gpus)));
    }
    addAccess(changes);
    addPyxis(changes);
    return changes;
  }

  private void addAccess(List<Change> changes) {
    if (image != null) {
      Checks.image("image", image);
      changes.add(
          new Change(
              "image",
              image,
              spec -> spec.withAccess(Optional.of(image), spec.ssh(), spec.registry()),
              spec -> spec.image().orElse("none")));
    }
    if (port != null) {
      Checks.port("port", port);
      changes.add(
          ssh(
              "port",
              port,
              ssh ->
                  new SshDefinition(OptionalInt.of(port), ssh.bindAddress(), ssh.passwordLogin()),
              ssh -> told(ssh.port())));
    }
    if (bindAddress != null) {
      Checks.bindAddress("bindAddress", bindAddress);
      changes.add(
          ssh(
              "bindAddress",
              bindAddress,
              ssh -> new SshDefinition(ssh.port(), bindAddress, ssh.passwordLogin()),
              SshDefinition::bindAddress));
    }
    if (passwordLogin != null) {
      changes.add(
          ssh(
              "passwordLogin",
              passwordLogin,
              ssh -> new SshDefinition(ssh.port(), ssh.bindAddress(), passwordLogin),
              SshDefinition::passwordLogin));
    }
    if (withRegistry != null) {
      changes.add(
          registry(
              "withRegistry",
              withRegistry,
              there ->
                  withRegistry
                      ? there.or(
                          () ->
                              Optional.of(
                                  new RegistryDefinition(
                                      RegistryDefinition.DEFAULT_IMAGE, OptionalInt.empty())))
                      : Optional.empty(),
              Optional::isPresent));
    }
    if (registryPort != null) {
      Checks.port("registryPort", registryPort);
      changes.add(
          registry(
              "registryPort",
              registryPort,
              there ->
                  required(there, "registryPort", registryPort)
                      .map(
                          registry ->
                              new RegistryDefinition(
                                  registry.image(), OptionalInt.of(registryPort))),
              there -> there.<Object>map(registry -> told(registry.port())).orElse("no registry")));
    }
    if (registryImage != null) {
      Checks.image("registryImage", registryImage);
      changes.add(
          registry(
              "registryImage",
              registryImage,
              there ->
                  required(there, "registryImage", registryImage)
                      .map(registry -> new RegistryDefinition(registryImage, registry.port())),
              there -> there.map(RegistryDefinition::image).orElse("no registry")));
    }
  }

  private void addPyxis(List<Change> changes) {
    Boolean withPyxis = pyxis.withPyxis();
    if (withPyxis != null) {
      changes.add(
          new Change(
              "withPyxis",
              withPyxis,
              spec ->
                  spec.withPyxis(
                      withPyxis
                          ? spec.pyxis().or(() -> Optional.of(PyxisDefinition.DEFAULT))
                          : Optional.empty()),
              spec -> spec.pyxis().isPresent()));
    }
    String pyxisUrl = pyxis.pyxisUrl();
    if (pyxisUrl != null) {
      String url = Checks.archive("pyxisUrl", pyxisUrl, directory);
      changes.add(
          pyxis(
              "pyxisUrl",
              pyxisUrl,
              there -> there.withSource(new Archive(url, there.source().sha256())),
              there -> there.source().url()));
    }
    String pyxisSha256 = pyxis.pyxisSha256();
    if (pyxisSha256 != null) {
      Optional<String> digest = Optional.of(Checks.sha256("pyxisSha256", pyxisSha256));
      changes.add(
          pyxis(
              "pyxisSha256",
              pyxisSha256,
              there -> there.withSource(new Archive(there.source().url(), digest)),
              there -> there.source().sha256().orElse("none")));
    }
    String enrootUrl = pyxis.enrootUrl();
    if (enrootUrl != null) {
      String url = Checks.archive("enrootUrl", enrootUrl, directory);
      changes.add(
          pyxis(
              "enrootUrl",
              enrootUrl,
              there -> there.withEnroot(new Archive(url, there.enroot().sha256())),
              there -> there.enroot().url()));
    }
    String enrootSha256 = pyxis.enrootSha256();
    if (enrootSha256 != null) {
      Optional<String> digest = Optional.of(Checks.sha256("enrootSha256", enrootSha256));
      changes.add(
          pyxis(
              "enrootSha256",
              enrootSha256,
              there -> there.withEnroot(new Archive(there.enroot().url(), digest)),
              there -> there.enroot().sha256().orElse("none")));
    }
    String pyxisHelpers = pyxis.pyxisHelpers();
    if (pyxisHelpers != null) {
      PyxisDefinition.Helpers helpers = PyxisDefinition.Helpers.of("pyxisHelpers", pyxisHelpers);
      changes.add(
          pyxis(
              "pyxisHelpers",
              pyxisHelpers,
              there -> there.withHelpers(helpers),
              there -> there.helpers().id()));
    }
  }

  private static Change pyxis(
      String parameter,
      Object value,
      UnaryOperator<PyxisDefinition> change,
      Function<PyxisDefinition, Object> told) {
    return new Change(
        parameter,
        value,
        spec -> {
          if (spec.pyxis().isEmpty()) {
            throw new InvalidParameterException(
                parameter, value, "has no Pyxis to be for: set withPyxis, or use the preset full");
          }
          return spec.withPyxis(spec.pyxis().map(change));
        },
        spec -> spec.pyxis().map(told).orElse("no Pyxis"));
  }

  private static Optional<RegistryDefinition> required(
      Optional<RegistryDefinition> registry, String parameter, Object value) {
    if (registry.isEmpty()) {
      throw new InvalidParameterException(
          parameter, value, "has no registry to be for: set withRegistry, or use the preset full");
    }
    return registry;
  }

  private static Object told(OptionalInt port) {
    return port.isPresent() ? port.getAsInt() : "the default";
  }

  private static String ofNodes(ClusterDefinition spec, Function<NodeDefinition, Object> what) {
    return spec.computeNodes().stream()
        .map(node -> String.valueOf(what.apply(node)))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static Change ssh(
      String parameter,
      Object value,
      UnaryOperator<SshDefinition> change,
      Function<SshDefinition, Object> told) {
    return new Change(
        parameter,
        value,
        spec -> spec.withAccess(spec.image(), change.apply(spec.ssh()), spec.registry()),
        spec -> told.apply(spec.ssh()));
  }

  private static Change registry(
      String parameter,
      Object value,
      UnaryOperator<Optional<RegistryDefinition>> change,
      Function<Optional<RegistryDefinition>, Object> told) {
    return new Change(
        parameter,
        value,
        spec -> spec.withAccess(spec.image(), spec.ssh(), change.apply(spec.registry())),
        spec -> told.apply(spec.registry()));
  }

  private static ClusterDefinition withGpusPerNode(ClusterDefinition spec, int gpus) {
    if (spec.computeNodes().stream().noneMatch(NodeDefinition::hasGpus)) {
      throw new InvalidParameterException(
          "gpusPerNode", gpus, "has no node to be on: set gpuNodes, or use the preset gpu or full");
    }
    return spec.withComputeNodes(
        node -> {
          if (!node.hasGpus()) {
            return node;
          }
          if (node.gpus().size() > 1) {
            throw new InvalidParameterException(
                "gpusPerNode",
                gpus,
                "cannot be shared out: node " + node.name() + " has GPUs of several types");
          }
          return node.withGpus(Map.of(node.gpus().keySet().iterator().next(), gpus));
        });
  }

  /** What the parameters change: a preset, a definition, or a preset with parts replaced. */
  private ClusterDefinition base() {
    if (definition != null) {
      if (preset != null) {
        throw new InvalidParameterException(
            "definition", definition, "cannot go with a preset: leave one of them out");
      }
      Path file = directory.resolve(definition).toAbsolutePath().normalize();
      if (!Files.isRegularFile(file)) {
        throw new InvalidParameterException(
            "definition",
            definition,
            "does not exist: name a YAML file, from " + directory.toAbsolutePath() + " on");
      }
      String text = ClusterYaml.text(file);
      ClusterDocument read = ClusterDocument.parse(file.toString(), text);
      Origin origin = Origin.yaml(file.toString(), text);
      ClusterDocument whole =
          Documents.merge(
              read.nodes() == null && read.preset() != null
                  ? preset(read.preset(), origin)
                  : named(DEFAULT_NAME),
              read);
      return Documents.merge(whole, document)
          .toSpec(
              Documents.merge(origin, document, Origin.elements(CONFIGURATION)),
              Objects.requireNonNull(file.getParent()));
    }
    String presetName = preset == null ? DEFAULT_PRESET : preset;
    ClusterDocument merged = Documents.merge(preset(presetName), document);
    boolean ownTopology = document != null && document.nodes() != null;
    ClusterDefinition spec = merged.toSpec(Origin.elements(CONFIGURATION), directory);
    return spec.withIdentity(
        spec.name(),
        ownTopology && preset == null ? Optional.empty() : Optional.of(presetName),
        spec.slurmVersion());
  }

  private static ClusterDocument named(String name) {
    return ClusterDocument.parse(CONFIGURATION, "name: " + name);
  }

  /** A preset that a definition names. */
  private static ClusterDocument preset(String name, Origin origin) {
    try {
      return preset(name);
    } catch (InvalidParameterException e) {
      throw new UserMistakeException(
          origin.of(e.parameter()) + ": " + Quoted.of(e.value()) + " " + e.problem(), e);
    }
  }

  private static ClusterDocument preset(String name) {
    if (!PRESETS.contains(name)) {
      throw new InvalidParameterException(
          "preset", name, "is not a preset: use " + String.join(", ", PRESETS));
    }
    String resource = name + ".yaml";
    return Documents.merge(
        named(DEFAULT_NAME),
        ClusterDocument.parse(resource, Resources.text(ClusterParameters.class, resource)));
  }
}
