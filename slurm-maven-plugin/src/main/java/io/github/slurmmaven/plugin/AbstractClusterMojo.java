/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.NodeParameters;
import io.github.slurmmaven.definition.PyxisParameters;
import io.github.slurmmaven.definition.RegistryParameters;
import io.github.slurmmaven.definition.SlurmParameters;
import io.github.slurmmaven.definition.SshParameters;
import java.io.File;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.jspecify.annotations.Nullable;

/** Base of the goals that create a cluster: the parameters that describe it. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractClusterMojo extends AbstractLifecycleMojo {

  private static final String PORT = "1 to 65535, or 0 for any free port";

  /**
   * Where the cluster runs: {@code docker} (containers of a container engine), {@code embedded}
   * (processes of this machine; they need no root, but offer no registry and no other users), or
   * {@code auto} (the default): containers if an engine can be reached, otherwise processes.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.engine")
  @Nullable String engine;

  /**
   * Shape of the cluster: {@code cpu} (the default: one node), {@code gpu} (one node with simulated
   * GPUs), {@code multi-node} (a controller and compute nodes) or {@code full} (a controller, CPU
   * and GPU nodes, a container registry, jobs in containers, accounting, and Slurm's REST API). The
   * goal {@code init} writes a preset as a YAML file, with all its numbers.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.preset")
  @Nullable String preset;

  /**
   * YAML file that defines the cluster, used instead of a preset. It has the keys that {@code
   * create} writes to {@code cluster.yaml}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.definition")
  @Nullable File definition;

  /**
   * Nodes of your own topology: {@code node} elements with {@code name} (or a host list such as
   * {@code compute-[0-15]}), {@code role} ({@code compute} by default, {@code controller} or {@code
   * all-in-one}), {@code cpus}, {@code memory} (MB), {@code gpus} with {@code gpuType} (or {@code
   * gpus} as {@code a100:2,h100:4}), {@code partitions} and {@code options} (further options of the
   * NodeName line).
   *
   * @since 0.1.0
   */
  @Parameter @Nullable List<NodeConfiguration> nodes;

  /**
   * Partitions of your own topology: {@code partition} elements with {@code name}, {@code default},
   * {@code maxTime}, {@code features}, {@code nodes} and {@code options} (further options of the
   * PartitionName line).
   *
   * @since 0.1.0
   */
  @Parameter @Nullable List<PartitionConfiguration> partitions;

  /**
   * Number of compute nodes without GPUs. The default is the preset's. A cluster with more than one
   * node gets a separate controller.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.cpuNodes")
  @Nullable String cpuNodes;

  /**
   * Number of compute nodes with simulated GPUs. The default is the preset's.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.gpuNodes")
  @Nullable String gpuNodes;

  /**
   * Simulated GPUs of each node that has any. The default is the preset's.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.gpusPerNode")
  @Nullable String gpusPerNode;

  /**
   * Whether a container registry runs beside the nodes, which reach it as {@code registry:5000}.
   * The default is the preset's.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.withRegistry")
  @Nullable Boolean withRegistry;

  /**
   * Port of the registry on this machine. The default is 5000 or, if that is taken, the next free
   * port. A port that you name must be free; 0 means any free port.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.registryPort")
  @Nullable String registryPort;

  /**
   * Image that runs the registry. The default is {@code registry:2}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.registryImage")
  @Nullable String registryImage;

  /**
   * Whether jobs can run in containers with Pyxis and enroot, with {@code --container-image} and
   * related options. The default is the preset's.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.withPyxis")
  @Nullable Boolean withPyxis;

  /**
   * Archive of Pyxis' sources (.tar.gz): an http(s) URL or a file. The default is version 0.24.0 at
   * its project's site.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.pyxisUrl")
  @Nullable String pyxisUrl;

  /**
   * SHA-256 that the archive of Pyxis' sources must have. By default it is not checked.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.pyxisSha256")
  @Nullable String pyxisSha256;

  /**
   * Debian package of enroot: an http(s) URL, in which {@code {arch}} stands for amd64 or arm64, or
   * a file. The default is version 4.1.2 at its project's site.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.enrootUrl")
  @Nullable String enrootUrl;

  /**
   * SHA-256 that enroot's package must have. By default it is not checked.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.enrootSha256")
  @Nullable String enrootSha256;

  /**
   * Programs that merge an image's layers: {@code userland} (the default: programs without
   * privilege) or {@code stock} (enroot's own, for which the nodes get the capability SYS_ADMIN).
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.pyxisHelpers")
  @Nullable String pyxisHelpers;

  /**
   * Images to load once the cluster is up, so that jobs can use them: {@code image} elements, as
   * for the goal {@code load}. The property {@code slurm.image.NAME} is the name that a job uses
   * for the image.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.images")
  @Nullable List<ImageConfiguration> images;

  /**
   * Whether the cluster runs Slurm's accounting: slurmdbd with a database, so that {@code sacct},
   * {@code sacctmgr}, {@code sreport} and {@code sshare} work. The default is the preset's.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.accounting")
  @Nullable Boolean accounting;

  /**
   * What Slurm enforces of accounting (AccountingStorageEnforce), for example {@code associations},
   * {@code limits}, {@code qos} or {@code safe}. The default is the first three if {@code
   * accounts}, {@code qos} or a user's accounts are given, and otherwise nothing.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.accountingEnforce")
  @Nullable List<String> accountingEnforce;

  /**
   * Slurm accounts: {@code account} elements with the name as text, or with {@code name}, {@code
   * parent} (another account), {@code shares}, {@code limits} (elements such as {@code MaxJobs} or
   * {@code GrpTRES}), {@code defaultQos} and {@code qos}. A user without an account gets the
   * account {@code default}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.accounts")
  @Nullable List<AccountConfiguration> accounts;

  /**
   * Qualities of service, and what {@code normal} is: elements with the name as text, or with
   * {@code name}, {@code priority}, {@code limits} (elements such as {@code MaxWall}, {@code
   * MaxTRESPerUser} or {@code MaxJobsPerUser}), {@code flags} and {@code preempt} (names of
   * others).
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.qos")
  @Nullable List<QosConfiguration> qos;

  /**
   * Whether slurmrestd serves Slurm's REST API on this machine's loopback interface. Its address
   * and a token are in the properties {@code slurm.rest.url} and {@code slurm.rest.token}. The
   * default is the preset's.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.rest")
  @Nullable Boolean rest;

  /**
   * Port of slurmrestd on this machine. The default is 6820 or, when that is taken, the next free
   * port. A port that is named here and taken is an error; 0 takes any free port.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.restPort")
  @Nullable String restPort;

  /**
   * Whether the nodes have Slurm's PBS commands: {@code qsub}, {@code qstat}, {@code qdel} and
   * others, with {@code PBS_JOBID} and its sisters in jobs. They are Slurm's own, not OpenPBS, and
   * for containers only.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.pbsCommands")
  @Nullable Boolean pbsCommands;

  /**
   * How many seconds pass in the cluster for each second of the machine, 1 to 1000. Slurm's daemons
   * and commands see the cluster's time, and programs of jobs do with {@code jobClock}; all others
   * see that of the machine. At any speed a test can move the clock forward (goal {@code clock}).
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.clockSpeed")
  @Nullable String clockSpeed;

  /**
   * Whether programs of jobs see the cluster's time instead of the machine's, so that a {@code
   * sleep 3600} ends when the clock is moved by an hour. It does not reach programs that are linked
   * statically or written in Go.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.jobClock")
  @Nullable Boolean jobClock;

  /**
   * Users in addition to {@code slurm}, the same on all nodes, each with a key: {@code user}
   * elements with {@code alice} as text, or {@code alice:1500} for a uid, or with {@code name},
   * {@code uid}, {@code accounts} (the default one first), {@code defaultQos} and {@code qos}. The
   * last three are allowed for {@code slurm}, too. The properties {@code
   * slurm.ssh.privateKey.alice} and so on name the key files.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.users")
  @Nullable List<UserConfiguration> users;

  /**
   * Debian packages to install on all nodes, for example {@code openmpi-bin}. They are installed
   * once into an image, without recommended packages. Only in containers, and not with {@code
   * image}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.packages")
  @Nullable List<String> packages;

  /**
   * Directories or files of this machine to mount on all nodes, as {@code SOURCE:/TARGET} or {@code
   * SOURCE:/TARGET:ro}, for example {@code target:/build:ro}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.mounts")
  @Nullable List<String> mounts;

  /**
   * Files or directories of this machine to copy to all nodes before their daemons start, as {@code
   * SOURCE:/TARGET}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.files")
  @Nullable List<String> files;

  /**
   * Directory whose files are put beside slurm.conf on all nodes before any daemon starts, such as
   * job_submit.lua, a prolog or a SPANK plugin. The default is {@code src/slurm}, if it exists.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmFiles")
  @Nullable File slurmFiles;

  /**
   * Commands for {@code bash} to run as root once the nodes are up: {@code step} elements with the
   * command as text (for all nodes), or with {@code run} and {@code on} (a role or a node's name).
   * If one fails, the start fails and shows its output.
   *
   * @since 0.1.0
   */
  @Parameter @Nullable List<StepConfiguration> setup;

  /**
   * Lines to add to slurm.conf.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmConf")
  @Nullable String slurmConf;

  /**
   * Lines to add to cgroup.conf.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.cgroupConf")
  @Nullable String cgroupConf;

  /**
   * Release of Slurm to run: {@code 24.11} (the default), {@code 22.05} or {@code 26.05}, which
   * Debian packages. Any other, such as {@code 25.11.4}, is compiled from source into an image.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmVersion")
  @Nullable String slurmVersion;

  /**
   * Source archive to compile Slurm from (.tar.bz2, .tar.gz or .tar.xz): an http(s) URL or a file.
   * By default, releases that Debian packages are not compiled, and others are compiled from
   * upstream's download. Only in containers, and not with {@code image}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmSource")
  @Nullable String slurmSource;

  /**
   * SHA-256 that Slurm's source archive must have. By default it is not checked.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmSourceSha256")
  @Nullable String slurmSourceSha256;

  /**
   * CPUs of each compute node, 1 or more. The default is the preset's. Slurm counts with this
   * number even if the container engine has fewer CPUs.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.cpusPerNode")
  @Nullable String cpusPerNode;

  /**
   * Memory of each compute node in MB. The default is the preset's. Slurm counts with this number
   * even if the container engine has less memory.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.memoryPerNode")
  @Nullable String memoryPerNode;

  /**
   * Port of the cluster's SSH server on this machine. The default is 2222 or, if that is taken, the
   * next free port. A port that you name must be free; 0 means any free port.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.port")
  @Nullable String port;

  /**
   * Address of the engine's machine on which the cluster's ports are published. The default, {@code
   * 127.0.0.1}, hides the cluster from other machines. For an engine on another machine, use an
   * address that this machine can reach.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.bindAddress")
  @Nullable String bindAddress;

  /**
   * Whether user {@code slurm} can log in with the password {@code slurm}, in addition to the
   * cluster's key. The default is {@code true}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.passwordLogin")
  @Nullable Boolean passwordLogin;

  /**
   * Image for all nodes, pulled if it is missing, for example from your company's registry. By
   * default the image is pulled from {@code imageRepository} or built, on first use.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.image")
  @Nullable String image;

  /**
   * Repository that the plugin's own image is pulled from, for example {@code
   * registry.example.org/slurm-cluster}. It is pulled by the digest that this version of the plugin
   * knows, and built if that fails; an image of another digest is refused. {@code none} always
   * builds. The default is the repository that this version was released with, if there is one. Not
   * used with {@code image}, nor without containers.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.imageRepository")
  @Nullable String imageRepository;

  /**
   * Longest time in seconds from the beginning of a start until the cluster has run its first job.
   * Building or pulling the image does not count.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.timeout", defaultValue = "120")
  String timeout;

  /**
   * Whether to overwrite files that were edited by hand, if they must be rendered again.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.force", defaultValue = "false")
  boolean force;

  /**
   * Keeps the cluster for inspection: the goals {@code stop} and {@code destroy} do nothing, the
   * end of the build removes nothing, and a failed start is not rolled back.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.keep", defaultValue = "false")
  boolean keep;

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  MavenProject project;

  AbstractClusterMojo() {
    // Maven sets the parameters next, for which a cold JVM needs a quarter of a second.
    ClusterRequest.prepare();
  }

  /** Returns the request of the goal's parameters. */
  final ClusterRequest request() {
    Integer seconds = WholeNumber.parse("timeout", timeout, "seconds, for example 120");
    return configured(ClusterRequest.builder())
        .ownedByThisBuild(isBoundToBuild() && !keep)
        .baseDirectory(baseDirectory.toPath())
        .reuse(isShared())
        .engine(engine)
        .preset(preset)
        .definition(definition == null ? null : definition.toPath())
        .document(document())
        .accounting(accounting)
        .rest(rest)
        .pbsCommands(pbsCommands)
        .clockSpeed(WholeNumber.parse("clockSpeed", clockSpeed, "a speed, from 1 to 1000"))
        .jobClock(jobClock)
        .restPort(WholeNumber.parse("restPort", restPort, PORT))
        .slurm(this::set)
        .image(image)
        .imageRepository(imageRepository)
        .slurmFiles(slurmFiles == null ? null : slurmFiles.toPath())
        .nodes(this::set)
        .ssh(this::set)
        .registry(this::set)
        .pyxis(this::set)
        .images(ImageConfiguration.all(images, baseDirectory.toPath()))
        .timeout(seconds == null ? null : Duration.ofSeconds(seconds))
        .force(force)
        .keep(keep)
        .build();
  }

  private void set(SlurmParameters asked) {
    asked.slurmVersion(slurmVersion).slurmSource(slurmSource).slurmSourceSha256(slurmSourceSha256);
  }

  private void set(NodeParameters asked) {
    asked
        .cpuNodes(WholeNumber.parse("cpuNodes", cpuNodes, "0 or more"))
        .gpuNodes(WholeNumber.parse("gpuNodes", gpuNodes, "0 or more"))
        .gpusPerNode(WholeNumber.parse("gpusPerNode", gpusPerNode, "1 or more"))
        .cpusPerNode(WholeNumber.parse("cpusPerNode", cpusPerNode, "1 or more"))
        .memoryPerNode(
            WholeNumber.parse("memoryPerNode", memoryPerNode, "megabytes, for example 4096"));
  }

  private void set(SshParameters asked) {
    asked
        .port(WholeNumber.parse("port", port, PORT))
        .bindAddress(bindAddress)
        .passwordLogin(passwordLogin);
  }

  private void set(RegistryParameters asked) {
    asked
        .withRegistry(withRegistry)
        .registryPort(WholeNumber.parse("registryPort", registryPort, PORT))
        .registryImage(registryImage);
  }

  private void set(PyxisParameters asked) {
    asked
        .withPyxis(withPyxis)
        .pyxisUrl(pyxisUrl)
        .pyxisSha256(pyxisSha256)
        .enrootUrl(enrootUrl)
        .enrootSha256(enrootSha256)
        .pyxisHelpers(pyxisHelpers);
  }

  /**
   * Returns the parts of a definition in the POM that are not single values; null if there are
   * none.
   */
  private @Nullable ClusterDocument document() {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("nodes", each(nodes, NodeConfiguration::toDocument));
    values.put("partitions", each(partitions, PartitionConfiguration::toDocument));
    values.put("accountingEnforce", given(accountingEnforce));
    values.put("accounts", each(given(accounts), AccountConfiguration::toDocument));
    values.put("qos", each(given(qos), QosConfiguration::toDocument));
    values.put("packages", given(packages));
    values.put("users", each(given(users), UserConfiguration::toDocument));
    values.put("mounts", each(given(mounts), this::mount));
    values.put("files", each(given(files), this::file));
    values.put("setup", each(setup, StepConfiguration::toDocument));
    values.put("slurmConf", lines(slurmConf));
    values.put("cgroupConf", lines(cgroupConf));
    ClusterDocument document = ClusterDocument.of(values);
    return document.isEmpty() ? null : document;
  }

  /** Maven makes an empty list of a property that is not set. */
  private static <T> @Nullable List<T> given(@Nullable List<T> values) {
    return values == null || values.isEmpty() ? null : values;
  }

  private ClusterDocument.Mount mount(String text) {
    HostPath path = HostPath.parse("mounts", text);
    return new ClusterDocument.Mount(fromBase(path.source()), path.target(), path.readOnly());
  }

  private ClusterDocument.FileToCopy file(String text) {
    HostPath path = HostPath.parse("files", text);
    return new ClusterDocument.FileToCopy(fromBase(path.source()), path.target(), null);
  }

  /** A path of the POM begins where the POM is, also over a definition file that is elsewhere. */
  private String fromBase(String path) {
    return definition == null ? path : baseDirectory.toPath().resolve(path).toString();
  }

  private static @Nullable List<String> lines(@Nullable String text) {
    return text == null
        ? null
        : text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  private static <T, R> @Nullable List<R> each(@Nullable List<T> values, Function<T, R> convert) {
    return values == null ? null : values.stream().map(convert).toList();
  }

  /** Starts the cluster and sets the Maven properties by which the rest of the build reaches it. */
  final void start(ClusterRequest request) {
    Connection connection =
        isBoundToBuild() && !keep
            ? buildEnd()
                .start(request.directory(), request::start, () -> request.cluster().destroy())
            : buildEnd().startByHand(request::start);
    new ConnectionProperties(project.getProperties(), getLog()::warn).set(connection);
  }
}
