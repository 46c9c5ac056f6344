/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDocument.FileToCopy;
import io.github.slurmmaven.definition.ClusterDocument.Mount;
import io.github.slurmmaven.definition.ClusterDocument.Pyxis;
import io.github.slurmmaven.definition.ClusterDocument.Registry;
import io.github.slurmmaven.definition.ClusterDocument.Ssh;
import io.github.slurmmaven.definition.ClusterDocument.Step;
import io.github.slurmmaven.definition.ClusterDocument.User;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns a document into a cluster. Errors name place and path. */
final class DocumentReader {

  /** Uid of the first of the {@code users}; {@code slurm} has 1000. */
  private static final int FIRST_UID = 1001;

  /** The last uid of Debian's range for people. */
  private static final int LAST_UID = 59999;

  private final DocumentChecks checks;
  private final Path directory;
  private final boolean requiresSources;

  /**
   * @param directory start of relative paths of the host
   * @param requiresSources whether files that are copied and mounted must exist
   */
  DocumentReader(Origin origin, Path directory, boolean requiresSources) {
    this.checks = new DocumentChecks(origin);
    this.directory = directory;
    this.requiresSources = requiresSources;
  }

  ClusterDefinition read(ClusterDocument document) {
    TopologyReader topology = new TopologyReader(checks);
    List<NodeDefinition> all = topology.nodes(document);
    List<PartitionDefinition> partitions = topology.partitions(document, all);
    List<NodeDefinition> nodes = all.stream().filter(node -> node.role() != Role.ABSENT).toList();
    List<NodeDefinition> members =
        all.stream()
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
    Arrays.stream(Role.values())
        .filter(role -> role != Role.ABSENT)
        .map(Role::id)
        .forEach(places::add);
    nodes.stream().map(NodeDefinition::name).forEach(places::add);
    return new ClusterDefinition(
        checks.check(() -> Checks.name("name", checks.present("name", document.name()))),
        Optional.ofNullable(document.preset()),
        Optional.ofNullable(document.slurmVersion())
            .map(release -> checks.check(() -> SlurmVersion.of("slurm_version", release)))
            .orElse(SlurmVersion.DEFAULT),
        new SlurmSource(
            Optional.ofNullable(document.slurmSource())
                .map(url -> checks.check(() -> Checks.archive("slurm_source", url, directory))),
            Optional.ofNullable(document.slurmSourceSha256())
                .map(hex -> checks.check(() -> Checks.sha256("slurm_source_sha256", hex)))),
        Optional.ofNullable(document.image())
            .map(reference -> checks.check(() -> Checks.image("image", reference))),
        Optional.ofNullable(document.imageRepository())
            .map(name -> checks.check(() -> Checks.imageRepository("image_repository", name))),
        members.stream().filter(node -> node.role() != Role.ABSENT).toList(),
        members.stream().filter(node -> node.role() == Role.ABSENT).toList(),
        partitions,
        ssh(document.ssh() == null ? new Ssh(null, null, null) : document.ssh()),
        document.services() == null ? Optional.empty() : registry(document.services().registry()),
        document.services() == null ? Optional.empty() : pyxis(document.services().pyxis()),
        new AccountingReader(
                checks,
                partitions.stream().map(PartitionDefinition::name).collect(Collectors.toSet()))
            .read(document, members),
        rest(document),
        document.pbsCommands() != null && document.pbsCommands(),
        Optional.ofNullable(document.clockSpeed())
            .map(speed -> checks.check(() -> Checks.clockSpeed("clock_speed", speed)))
            .orElse(1),
        document.jobClock() != null && document.jobClock(),
        checks.each("packages", document.packages(), this::packageName),
        users(document.users()),
        checks.each("mounts", document.mounts(), this::mount),
        checks.each("files", document.files(), (path, file) -> file(path, file, places)),
        checks.each("setup", document.setup(), (path, step) -> step(path, step, places)),
        checks.each("slurm_conf", document.slurmConf(), this::slurmConfLine),
        checks.each("cgroup_conf", document.cgroupConf(), this::line));
  }

  private SshDefinition ssh(Ssh ssh) {
    return new SshDefinition(
        port("ssh.port", ssh.port()),
        checks.check(
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
            checks.check(() -> Checks.image("services.registry.image", image)),
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
                : checks.check(
                    () -> PyxisDefinition.Helpers.of("services.pyxis.helpers", pyxis.helpers))));
  }

  private Optional<RestDefinition> rest(ClusterDocument document) {
    OptionalInt port = port("rest_port", document.restPort());
    if (document.rest() != null && document.rest()) {
      return Optional.of(new RestDefinition(port));
    }
    if (port.isPresent()) {
      throw checks.mistake(
          "rest_port",
          port.getAsInt(),
          "is for a cluster with slurmrestd, and this one has none: set rest to true, or leave it"
              + " out");
    }
    return Optional.empty();
  }

  private Archive archive(String prefix, String url, @Nullable String sha256) {
    return new Archive(
        checks.check(() -> Checks.archive(prefix + "url", url, directory)),
        Optional.ofNullable(sha256)
            .map(hex -> checks.check(() -> Checks.sha256(prefix + "sha256", hex))));
  }

  private String packageName(String path, String name) {
    return checks.check(() -> Checks.packageName(path, name));
  }

  private List<UserDefinition> users(@Nullable List<User> users) {
    List<UserDefinition> accounts = new ArrayList<>();
    List<User> given = users == null ? List.of() : users;
    for (int i = 0; i < given.size(); i++) {
      String path = "users[" + i + "]";
      User user = checks.present(path, given.get(i));
      String name = checks.present(path + ".name", user.name());
      if (name.equals(SshDefinition.USER) && user.uid() == null && user.needsAccounting()) {
        continue; // is on every node already; AccountingReader reads the rest
      }
      int uid = user.uid() == null ? FIRST_UID + i : user.uid();
      checks.unique(path + ".name", name, accounts.stream().map(UserDefinition::name).toList());
      checks.unique(path + ".uid", uid, accounts.stream().map(UserDefinition::uid).toList());
      accounts.add(
          new UserDefinition(
              checks.check(() -> Checks.userName(path + ".name", name)), uid(path + ".uid", uid)));
    }
    return accounts;
  }

  private int uid(String path, int uid) {
    if (uid < FIRST_UID || uid > LAST_UID) {
      throw checks.mistake(
          path, uid, "is not free for a user: use " + FIRST_UID + " to " + LAST_UID);
    }
    return uid;
  }

  private MountDefinition mount(String path, Mount mount) {
    String target = nodePath(path + ".target", checks.present(path + ".target", mount.target()));
    if (NodePaths.isMountedByUs(target)) {
      throw checks.mistake(
          path + ".target",
          target,
          "is in a directory that the cluster mounts itself, read-only: copy files into "
              + NodePaths.CONFIGURATION
              + " with files, and mount elsewhere");
    }
    return new MountDefinition(
        hostPath(path + ".source", checks.present(path + ".source", mount.source())),
        target,
        mount.readOnly() != null && mount.readOnly());
  }

  private FileCopy file(String path, FileToCopy file, List<String> places) {
    FileCopy copy =
        new FileCopy(
            hostPath(path + ".source", checks.present(path + ".source", file.source())),
            nodePath(path + ".target", checks.present(path + ".target", file.target())),
            place(path + ".on", file.on(), places));
    if (!requiresSources) {
      return copy; // was checked when the cluster was created
    }
    if (copy.configurationFile().isEmpty()
        || (copy.isOfSite() && !Files.isDirectory(Path.of(copy.source())))) {
      if (NodePaths.isMountedByUs(copy.target())) {
        throw checks.mistake(
            path + ".target",
            copy.target(),
            "is a directory that the cluster mounts itself, read-only: name a file below "
                + NodePaths.CONFIGURATION
                + ", or copy elsewhere");
      }
      return copy;
    }
    copy.conflict()
        .ifPresent(
            problem -> {
              throw checks.mistake(path + ".source", copy.source(), problem);
            });
    if (!copy.on().equals(SetupStep.ALL)) {
      throw checks.mistake(
          path + ".on",
          copy.on(),
          "is not possible below "
              + NodePaths.CONFIGURATION
              + ", which all nodes share: leave it out");
    }
    return copy;
  }

  private SetupStep step(String path, Step step, List<String> places) {
    String run = checks.present(path + ".run", step.run());
    if (run.isBlank()) {
      throw new UserMistakeException(checks.origin().of(path + ".run") + " is empty");
    }
    return new SetupStep(
        checks.check(() -> Checks.command(path + ".run", run)),
        place(path + ".on", step.on(), places));
  }

  private String place(String path, @Nullable String on, List<String> places) {
    if (on == null) {
      return SetupStep.ALL;
    }
    checks.known(path, on, places, "role or node");
    return on;
  }

  private String hostPath(String path, String host) {
    return checks.check(
        () ->
            requiresSources
                ? Checks.hostPath(path, host, directory)
                : Checks.absolutePath(path, host, directory));
  }

  private String nodePath(String path, String node) {
    return checks.check(() -> Checks.nodePath(path, node));
  }

  private OptionalInt port(String path, @Nullable Integer port) {
    return port == null
        ? OptionalInt.empty()
        : OptionalInt.of(checks.check(() -> Checks.port(path, port)));
  }

  private String slurmConfLine(String path, String line) {
    SlurmConfLine.problem(line)
        .ifPresent(
            problem -> {
              throw checks.mistake(path, line, problem);
            });
    return line(path, line);
  }

  private String line(String path, String line) {
    return checks.check(() -> Checks.line(path, line));
  }
}
