/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static java.util.stream.Collectors.joining;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The complete and valid definition of a cluster, made by {@link ClusterParameters} or read from a
 * {@code cluster.yaml}.
 *
 * @param name name, also Slurm's ClusterName
 * @param preset preset it was made from
 * @param slurmVersion Slurm's release line, or one release of it
 * @param slurmSource source archive of a compiled Slurm
 * @param image prebuilt image of all nodes; empty for the one that is built
 * @param imageRepository repository from which the image is pulled instead of built, or {@value
 *     #NO_REPOSITORY}; empty for the default of the plugin's release
 * @param nodes nodes that run; exactly one runs slurmctld
 * @param absentNodes nodes that are in slurm.conf and do not run; one element may stand for several
 * @param partitions partitions; exactly one is the default
 * @param ssh access by SSH
 * @param registry the container registry, if there is one
 * @param pyxis jobs in containers, if there are any
 * @param accounting Slurm's accounting, if there is any
 * @param rest Slurm's REST API, if it is on
 * @param pbsCommands whether nodes have Slurm's PBS commands, such as qsub and qstat
 * @param clockSpeed maximum number of seconds that pass in the cluster for each second of the
 *     machine
 * @param jobClock whether programs of jobs see the cluster's time
 * @param packages Debian packages of all nodes, installed into the image
 * @param users accounts besides {@code slurm}
 * @param mounts directories and files of the host that all nodes see
 * @param files files that are copied into nodes
 * @param setup commands that run on nodes once they are up
 * @param slurmConf further lines of slurm.conf
 * @param cgroupConf further lines of cgroup.conf
 */
public record ClusterDefinition(
    String name,
    Optional<String> preset,
    SlurmVersion slurmVersion,
    SlurmSource slurmSource,
    Optional<String> image,
    Optional<String> imageRepository,
    List<NodeDefinition> nodes,
    List<NodeDefinition> absentNodes,
    List<PartitionDefinition> partitions,
    SshDefinition ssh,
    Optional<RegistryDefinition> registry,
    Optional<PyxisDefinition> pyxis,
    Optional<AccountingDefinition> accounting,
    Optional<RestDefinition> rest,
    boolean pbsCommands,
    int clockSpeed,
    boolean jobClock,
    List<String> packages,
    List<UserDefinition> users,
    List<MountDefinition> mounts,
    List<FileCopy> files,
    List<SetupStep> setup,
    List<String> slurmConf,
    List<String> cgroupConf) {

  /**
   * The maximum number of running nodes. A network of containers has no more addresses, and the
   * same definition must work with and without containers.
   */
  public static final int MOST_NODES = 200;

  /** Value instead of an image repository: images are built, and never pulled. */
  public static final String NO_REPOSITORY = "none";

  public ClusterDefinition {
    if (nodes.size() > MOST_NODES) {
      throw new UserMistakeException(
          "%d nodes are too many: a cluster can have %d".formatted(nodes.size(), MOST_NODES));
    }
    nodes = List.copyOf(nodes);
    absentNodes = List.copyOf(absentNodes);
    partitions = List.copyOf(partitions);
    packages = List.copyOf(packages);
    users = List.copyOf(users);
    mounts = List.copyOf(mounts);
    files = List.copyOf(files);
    setup = List.copyOf(setup);
    slurmConf = List.copyOf(slurmConf);
    cgroupConf = List.copyOf(cgroupConf);
  }

  /** Returns the node that runs slurmctld and accepts SSH logins. */
  public NodeDefinition controller() {
    return nodes.stream().filter(node -> node.role().runsController()).findFirst().orElseThrow();
  }

  /** Returns the nodes that run jobs. */
  public List<NodeDefinition> computeNodes() {
    return nodes.stream().filter(node -> node.role().runsJobs()).toList();
  }

  /** Returns the default partition. */
  public PartitionDefinition defaultPartition() {
    return partitions.stream().filter(PartitionDefinition::isDefault).findFirst().orElseThrow();
  }

  /**
   * Returns the cluster with another number of compute nodes in a partition. New nodes are like the
   * last one; nodes are removed from the end.
   *
   * @param partition its name; empty for the default partition
   * @param count 1 or more
   * @throws InvalidParameterException when there is no such partition, or no node of it would
   *     remain
   * @throws UserMistakeException when the cluster's only node is its controller, too
   */
  public ClusterDefinition scaled(Optional<String> partition, int count) {
    return new Scaling(this, partition).to(count);
  }

  /**
   * Checks that the files that nodes mount, or that are copied into them at their start, are on
   * this machine. Files beside slurm.conf were copied into the cluster's directory when it was
   * created.
   *
   * @throws UserMistakeException when a file is missing; names it
   */
  public void requireSources() {
    List<String> missing =
        Stream.concat(
                mounts.stream().map(MountDefinition::source),
                files.stream()
                    .filter(file -> file.configurationFile().isEmpty())
                    .map(FileCopy::source))
            .filter(source -> !Files.exists(Path.of(source)))
            .toList();
    if (!missing.isEmpty()) {
      throw new UserMistakeException(
          "The nodes of cluster %s cannot start: they mount or get a copy of %s, which is no longer on this machine. Put it back, or remove the cluster with slurm:destroy and create it without this path"
              .formatted(name, missing.stream().map(Quoted::plain).collect(joining(", "))));
    }
  }

  /**
   * Whether the image's Slurm is compiled from source: because no Debian release packages it, or
   * because a source was given.
   */
  public boolean isCompiled() {
    return image.isEmpty() && (slurmSource.isGiven() || slurmVersion.baseImage().isEmpty());
  }

  ClusterDefinition withIdentity(String newName, Optional<String> newPreset) {
    return with(
        draft -> {
          draft.name = newName;
          draft.preset = newPreset;
        });
  }

  ClusterDefinition withSlurm(SlurmVersion newVersion, SlurmSource newSource) {
    return with(
        draft -> {
          draft.slurmVersion = newVersion;
          draft.slurmSource = newSource;
        });
  }

  ClusterDefinition withNodes(
      List<NodeDefinition> newNodes, List<PartitionDefinition> newPartitions) {
    return with(
        draft -> {
          draft.nodes = newNodes;
          draft.partitions = newPartitions;
        });
  }

  ClusterDefinition withComputeNodes(UnaryOperator<NodeDefinition> change) {
    return withNodes(
        nodes.stream()
            .map(node -> node.role() == Role.CONTROLLER ? node : change.apply(node))
            .toList(),
        partitions);
  }

  ClusterDefinition withAccess(
      Optional<String> newImage, SshDefinition newSsh, Optional<RegistryDefinition> newRegistry) {
    return with(
        draft -> {
          draft.image = newImage;
          draft.ssh = newSsh;
          draft.registry = newRegistry;
        });
  }

  ClusterDefinition withImageRepository(Optional<String> newRepository) {
    return with(draft -> draft.imageRepository = newRepository);
  }

  /**
   * Returns this definition with the image, image repository, login, registry and ports of another.
   */
  ClusterDefinition withAccessOf(ClusterDefinition other) {
    return with(
        draft -> {
          draft.image = other.image;
          draft.imageRepository = other.imageRepository;
          draft.ssh = other.ssh;
          draft.registry = other.registry;
          if (rest.isPresent() && other.rest.isPresent()) {
            draft.rest = other.rest;
          }
        });
  }

  ClusterDefinition withFiles(List<FileCopy> newFiles) {
    return with(draft -> draft.files = newFiles);
  }

  ClusterDefinition withPyxis(Optional<PyxisDefinition> newPyxis) {
    return with(draft -> draft.pyxis = newPyxis);
  }

  /** Returns a changed copy. */
  private ClusterDefinition with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.definition();
  }

  /** A definition that can be changed. */
  private static final class Draft {
    private String name;
    private Optional<String> preset;
    private SlurmVersion slurmVersion;
    private SlurmSource slurmSource;
    private Optional<String> image;
    private Optional<String> imageRepository;
    private List<NodeDefinition> nodes;
    private final List<NodeDefinition> absentNodes;
    private List<PartitionDefinition> partitions;
    private SshDefinition ssh;
    private Optional<RegistryDefinition> registry;
    private Optional<PyxisDefinition> pyxis;
    private Optional<AccountingDefinition> accounting;
    private Optional<RestDefinition> rest;
    private final boolean pbsCommands;
    private final int clockSpeed;
    private final boolean jobClock;
    private List<String> packages;
    private List<UserDefinition> users;
    private List<MountDefinition> mounts;
    private List<FileCopy> files;
    private List<SetupStep> setup;
    private List<String> slurmConf;
    private List<String> cgroupConf;

    Draft(ClusterDefinition definition) {
      name = definition.name;
      preset = definition.preset;
      slurmVersion = definition.slurmVersion;
      slurmSource = definition.slurmSource;
      image = definition.image;
      imageRepository = definition.imageRepository;
      nodes = definition.nodes;
      absentNodes = definition.absentNodes;
      partitions = definition.partitions;
      ssh = definition.ssh;
      registry = definition.registry;
      pyxis = definition.pyxis;
      accounting = definition.accounting;
      rest = definition.rest;
      pbsCommands = definition.pbsCommands;
      clockSpeed = definition.clockSpeed;
      jobClock = definition.jobClock;
      packages = definition.packages;
      users = definition.users;
      mounts = definition.mounts;
      files = definition.files;
      setup = definition.setup;
      slurmConf = definition.slurmConf;
      cgroupConf = definition.cgroupConf;
    }

    ClusterDefinition definition() {
      return new ClusterDefinition(
          name,
          preset,
          slurmVersion,
          slurmSource,
          image,
          imageRepository,
          nodes,
          absentNodes,
          partitions,
          ssh,
          registry,
          pyxis,
          accounting,
          rest,
          pbsCommands,
          clockSpeed,
          jobClock,
          packages,
          users,
          mounts,
          files,
          setup,
          slurmConf,
          cgroupConf);
    }
  }
}
