/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testcontainers;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.ClusterBuilder;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.NodeContainer;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.ImageNameSubstitutor;
import org.testcontainers.utility.MountableFile;

/**
 * A Slurm cluster of one node, as a container of Testcontainers.
 *
 * <pre>{@code
 * try (SlurmContainer slurm = new SlurmContainer("24.11").withRest()) {
 *   slurm.start();
 *   Connection connection = slurm.getConnection();
 *   URI rest = slurm.getRestUrl();
 * }
 * }</pre>
 *
 * <p>A start returns when the node is idle, SSH accepts the key, a job has run and slurmrestd, if
 * it is on, answers. It fails after two minutes, or the time that {@link #withStartupTimeout} sets.
 * The build of an image does not count.
 *
 * <p>Every start makes new keys. Ports are published on {@value #LOOPBACK}, on any free port, and
 * only the key can log in. {@link #stop} removes the container and its files. The end of the JVM
 * does the same. If the JVM was killed, the next start does it.
 *
 * <p>Time passes as on the engine's machine. {@link io.github.slurmmaven.client.ClusterClock}
 * returns it and refuses to move it, because the container has a copy of the clock.
 *
 * <p>A start throws {@link UserMistakeException} if the user can fix the cause, for example a wrong
 * image, and {@link SlurmClusterException} with a diagnosis if Slurm does not become ready.
 */
public class SlurmContainer extends GenericContainer<SlurmContainer> {

  /** Where ports are published unless {@link #withBindAddress} sets another address. */
  public static final String LOOPBACK = "127.0.0.1";

  private static final int SSH_PORT = 22;

  /** A definition with one node. */
  private static final String PRESET = "cpu";

  private final @Nullable DockerImageName image;
  private @Nullable String version;
  private boolean rest;
  private String bindAddress = LOOPBACK;
  private @Nullable Node node;
  private boolean starting;

  /**
   * Creates a node of a release. If the engine lacks its image, the start builds it from this
   * project's Dockerfile, which takes a minute or two, once.
   *
   * @param slurmVersion Slurm's release line, for example {@code 24.11}
   */
  public SlurmContainer(String slurmVersion) {
    this(null, slurmVersion);
  }

  /**
   * Creates a node with an image by name, which is pulled if the engine lacks it. It must be an
   * image that this project built, or one made from it (FROM). If its Slurm is not the default
   * release line, call {@link #withSlurmVersion}.
   */
  public SlurmContainer(DockerImageName image) {
    this(image, null);
  }

  private SlurmContainer(@Nullable DockerImageName image, @Nullable String version) {
    // The real name is computed later, see getDockerImageName.
    super(image == null ? DockerImageName.parse("slurm-cluster") : image);
    this.image = image;
    this.version = version;
    setWaitStrategy(new Ready());
    withCreateContainerCmdModifier(this::limit);
  }

  /** Sets the release line of Slurm in the image; default the plugin's. */
  public SlurmContainer withSlurmVersion(String slurmVersion) {
    version = slurmVersion;
    return this;
  }

  /** Also runs slurmrestd, whose address {@link #getRestUrl} returns; default off. */
  public SlurmContainer withRest() {
    rest = true;
    return this;
  }

  /**
   * Sets the address of the engine's machine on which ports are published; default {@value
   * #LOOPBACK}. Set another one if the engine is on another machine, or this JVM runs in a
   * container beside the cluster's.
   */
  public SlurmContainer withBindAddress(String address) {
    bindAddress = address;
    return this;
  }

  /**
   * Returns the port of the host for SSH.
   *
   * @throws IllegalStateException before the start
   */
  public int getSshPort() {
    return getMappedPort(SSH_PORT);
  }

  /**
   * Returns the file with the private key of the user {@code slurm}: Ed25519 in OpenSSH's format,
   * without passphrase. It is removed with the container.
   *
   * @throws IllegalStateException before the start
   */
  public Path getPrivateKey() {
    return getConnection().sshPrivateKey();
  }

  /**
   * Returns everything that a test needs to reach the cluster.
   *
   * @throws IllegalStateException before the start
   */
  public Connection getConnection() {
    Node current = node;
    Connection connection = current == null ? null : current.connection;
    if (connection == null) {
      throw new IllegalStateException(
          "A SlurmContainer can be reached only after start() and before stop()");
    }
    return connection;
  }

  /**
   * Returns the address of slurmrestd, for example {@code http://127.0.0.1:49161}. The headers with
   * user and token are in {@link Connection#rest}.
   *
   * @throws IllegalStateException before the start
   * @throws UserMistakeException if the container has no slurmrestd
   */
  public URI getRestUrl() {
    return getConnection()
        .rest()
        .map(RestAccess::url)
        .orElseThrow(
            () ->
                new UserMistakeException(
                    "This SlurmContainer has no slurmrestd: call withRest() before start()"));
  }

  /** Returns the name of the image, which is built for that if necessary. */
  @Override
  public String getDockerImageName() {
    return node().container.image();
  }

  @Override
  protected void doStart() {
    starting = true;
    try {
      node();
      super.doStart();
    } catch (RuntimeException | Error e) {
      Throwable reason = reason(e);
      remove(reason);
      if (reason instanceof UserMistakeException mistake) {
        throw mistake;
      }
      if (reason instanceof SlurmClusterException broken) {
        throw broken;
      }
      throw e;
    } finally {
      starting = false;
    }
  }

  @Override
  protected void configure() {
    if (isShouldBeReused()) {
      throw new UserMistakeException(
          "A SlurmContainer cannot be reused (withReuse), because each start makes new keys: remove"
              + " withReuse(true), or keep one container for all tests in a static field");
    }
    NodeContainer container = node().container;
    setExposedPorts(new ArrayList<>(container.ports()));
    withEnv(container.environment());
    withLabels(container.labels());
    withCommand(container.command().toArray(String[]::new));
    container.hosts().forEach(this::withExtraHost);
  }

  /** Sets what GenericContainer has no method for. */
  private void limit(CreateContainerCmd command) {
    NodeContainer container = node().container;
    HostConfig host = Objects.requireNonNull(command.getHostConfig());
    List<PortBinding> bindings = new ArrayList<>();
    for (int port : container.ports()) {
      bindings.add(
          new PortBinding(Ports.Binding.bindIp(container.bindAddress()), ExposedPort.tcp(port)));
    }
    host.withPortBindings(bindings)
        .withCapDrop(
            container.capDrop().stream().map(Capability::valueOf).toArray(Capability[]::new))
        .withSecurityOpts(container.securityOpt());
    container.cpus().ifPresent(cpus -> host.withNanoCPUs(Math.round(cpus * 1e9)));
    container.memory().ifPresent(host::withMemory);
    command.withHostName(container.hostname());
  }

  @Override
  protected void containerIsCreated(String containerId) {
    node()
        .container
        .files()
        .forEach((target, file) -> copyFileToContainer(MountableFile.forHostPath(file), target));
  }

  /** Removes the container and the cluster's files. */
  @Override
  public void stop() {
    super.stop();
    // Each attempt of a start ends with a stop, and the next attempt needs the files.
    if (!starting) {
      remove(null);
    }
  }

  private void remove(@Nullable Throwable failure) {
    Node current = node;
    node = null;
    if (current == null) {
      return;
    }
    try {
      current.remove();
    } catch (UserMistakeException | SlurmClusterException e) {
      if (failure == null) {
        throw e;
      }
      failure.addSuppressed(e);
    }
  }

  /** Returns the cause of a failure: this project's own exception, if it is among the causes. */
  private Throwable reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UserMistakeException || cause instanceof SlurmClusterException) {
        return cause;
      }
      if (cause instanceof DockerException
          && String.valueOf(cause.getMessage()).contains("executable file not found")) {
        return new UserMistakeException(
            "The image '%s' cannot run a node of Slurm: use new SlurmContainer(\"24.11\"), or an image that was made from the one it builds (FROM)"
                .formatted(node().container.image()),
            failure);
      }
    }
    return failure;
  }

  private synchronized Node node() {
    Node current = node;
    if (current == null) {
      current = new Node();
      node = current;
    }
    return current;
  }

  /** The cluster of one start: files, image, and connection. */
  private final class Node {

    private final ClusterRequest request;
    private final NodeContainer container;
    private final TemporaryDirectory files = TemporaryDirectory.create();
    private volatile @Nullable Connection connection;

    Node() {
      try {
        request = request();
        files.fill(request::create, () -> request.cluster().destroy());
        container = request.cluster().nodeContainer();
      } catch (RuntimeException | Error e) {
        files.close();
        throw e;
      }
    }

    private ClusterRequest request() {
      ClusterRequest.Builder builder =
          at(ClusterRequest.builder().outputDirectory(files.path()))
              .engine("docker")
              .preset(PRESET)
              .rest(rest)
              .slurmVersion(version)
              .ssh(ssh -> ssh.port(0).bindAddress(bindAddress).passwordLogin(false));
      if (rest) {
        builder.restPort(0);
      }
      if (image != null) {
        builder.image(ImageNameSubstitutor.instance().apply(image).asCanonicalNameString());
      }
      return builder.build();
    }

    /** Sets the engine that Testcontainers uses. */
    private static <B extends ClusterBuilder<B>> B at(B builder) {
      return builder
          .engineAddress(DockerClientFactory.instance().getTransportConfig().getDockerHost())
          .ownedByThisBuild(true);
    }

    void await(Duration timeout) {
      connection =
          at(SlurmCluster.builder()
                  .name(request.name())
                  .outputDirectory(Objects.requireNonNull(request.directory().getParent())))
              .timeout(timeout)
              .build()
              .adopt();
    }

    void remove() {
      files.close();
    }
  }

  /** Waits until a job has run. */
  private final class Ready extends AbstractWaitStrategy {

    Ready() {
      withStartupTimeout(SlurmCluster.DEFAULT_TIMEOUT);
    }

    @Override
    protected void waitUntilReady() {
      node().await(startupTimeout);
    }
  }
}
