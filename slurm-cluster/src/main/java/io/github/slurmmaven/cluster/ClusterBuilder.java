/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.lifecycle.BackendSelector;
import io.github.slurmmaven.lifecycle.ClusterAccess;
import io.github.slurmmaven.ssh.SshConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Base of the builders of requests and handles: which cluster, and how to work on it.
 *
 * @param <B> the builder itself
 */
public abstract sealed class ClusterBuilder<B extends ClusterBuilder<B>>
    permits ClusterRequest.Builder, SlurmCluster.Builder {

  @Nullable String name;
  Path outputDirectory = Path.of(".slurm-cluster");
  @Nullable Duration timeout;
  boolean force;
  boolean keep;
  Owner owner = Owner.byHand();
  Progress progress = Progress.SILENT;
  @Nullable String engine;
  @Nullable URI engineAddress;
  BundleSource bundles = BundleSource.classPath();
  @Nullable Supplier<ClusterBackend> backend;
  Consumer<Connection> login = connection -> SshConnection.open(connection).close();

  ClusterBuilder() {}

  abstract B self();

  /**
   * Sets the name; default {@value io.github.slurmmaven.definition.ClusterParameters#DEFAULT_NAME}.
   */
  public B name(@Nullable String name) {
    this.name = name;
    return self();
  }

  /**
   * Sets the directory that contains the cluster's directory, which has the cluster's name; default
   * .slurm-cluster.
   */
  public B outputDirectory(Path directory) {
    this.outputDirectory = directory;
    return self();
  }

  /** Sets the name and directory of a cluster that was found. */
  public B existing(ClusterId id) {
    return name(id.name()).outputDirectory(id.directory().resolve(".."));
  }

  /**
   * Sets the longest time for a start, and for a command of {@link SlurmCluster#run(String)};
   * default {@link SlurmCluster#DEFAULT_TIMEOUT}.
   */
  public B timeout(@Nullable Duration timeout) {
    this.timeout = timeout;
    return self();
  }

  /** Sets whether to overwrite files that were edited by hand. */
  public B force(boolean force) {
    this.force = force;
    return self();
  }

  /** Sets whether a failed start keeps what it started, for inspection. */
  public B keep(boolean keep) {
    this.keep = keep;
    return self();
  }

  /**
   * Sets whether this process is a build that owns what it starts. If such a build is killed, the
   * next build removes its clusters. By default, the cluster belongs to the person who started it
   * by hand.
   */
  public B ownedByThisBuild(boolean isBuild) {
    return owner(isBuild ? Owner.thisBuild() : Owner.byHand());
  }

  /** Sets the listener for progress; by default there is none. */
  public B progress(Progress progress) {
    this.progress = progress;
    return self();
  }

  /**
   * Sets where the cluster runs: {@code docker}, {@code embedded} (processes of this machine), or
   * {@code auto}, the default: containers if a container engine can be reached, otherwise
   * processes.
   */
  public B engine(@Nullable String engine) {
    this.engine = engine;
    return self();
  }

  /**
   * Sets the address of the container engine, as {@code DOCKER_HOST} does; default the engine that
   * the docker CLI would use.
   */
  public B engineAddress(@Nullable URI address) {
    this.engineAddress = address;
    return self();
  }

  /** Sets where to find Slurm's programs for a cluster of processes; default the class path. */
  public B programs(SlurmPrograms programs) {
    return bundles(new ProgramBundles(programs));
  }

  /** Sets the bundles of Slurm's programs, for tests. */
  B bundles(BundleSource bundles) {
    this.bundles = bundles;
    return self();
  }

  /** Sets any owner, for tests. */
  B owner(Owner owner) {
    this.owner = owner;
    return self();
  }

  /** Sets the backend instead of choosing one, for tests. */
  B backend(Supplier<ClusterBackend> backend) {
    this.backend = backend;
    return self();
  }

  /** Replaces the login over SSH, for tests with a backend that has no real SSH server. */
  B login(Consumer<Connection> login) {
    this.login = login;
    return self();
  }

  /**
   * Returns access to the cluster.
   *
   * @param valid its name
   * @param version Slurm's version, for the choice of a backend
   */
  ClusterAccess access(String valid, Supplier<SlurmVersion> version) {
    ClusterId id =
        new ClusterId(valid, outputDirectory.toAbsolutePath().normalize().resolve(valid));
    ClusterDirectory directory = new ClusterDirectory(id.directory());
    BackendSelector selector = selector();
    return new ClusterAccess(
        id,
        directory,
        backend == null ? () -> selector.open(id, directory, version) : backend,
        owner,
        timeout(),
        progress,
        login);
  }

  BackendSelector selector() {
    Environment environment = Environment.system();
    URI address = engineAddress;
    return new BackendSelector(
        engine,
        address == null ? environment : environment.with("DOCKER_HOST", address.toString()),
        bundles,
        progress,
        timeout());
  }

  private Duration timeout() {
    Duration valid = timeout == null ? SlurmCluster.DEFAULT_TIMEOUT : timeout;
    if (valid.isNegative() || valid.isZero()) {
      throw new InvalidParameterException(
          "timeout", valid.toSeconds(), "is too small: use 1 second or more");
    }
    return valid;
  }
}
