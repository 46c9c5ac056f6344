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
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a request and a handle have in common: which cluster, and how it is worked on.
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
  BundleSource bundles = BundleSource.classPath();
  @Nullable Supplier<ClusterBackend> backend;
  Consumer<Connection> login = connection -> SshConnection.open(connection).close();

  ClusterBuilder() {}

  abstract B self();

  /** Name; default {@value ClusterParameters#DEFAULT_NAME}. */
  public B name(@Nullable String name) {
    this.name = name;
    return self();
  }

  /** Directory in which the cluster's own, of its name, is made; default .slurm-cluster. */
  public B outputDirectory(Path directory) {
    this.outputDirectory = directory;
    return self();
  }

  /** Name and directory of a cluster that was found. */
  public B existing(ClusterId id) {
    return name(id.name()).outputDirectory(id.directory().resolve(".."));
  }

  /**
   * Longest time for a start, and for a command of {@link SlurmCluster#run(String)}; default {@link
   * SlurmCluster#DEFAULT_TIMEOUT}.
   */
  public B timeout(@Nullable Duration timeout) {
    this.timeout = timeout;
    return self();
  }

  /** Whether files that were edited by hand are overwritten. */
  public B force(boolean force) {
    this.force = force;
    return self();
  }

  /** Whether a failed start leaves what it brought up for a look. */
  public B keep(boolean keep) {
    this.keep = keep;
    return self();
  }

  /**
   * Whether this process is a build that answers for what it starts: when it is killed, the next
   * build removes that. By default a person does, who started it by hand.
   */
  public B ownedByThisBuild(boolean isBuild) {
    return owner(isBuild ? Owner.thisBuild() : Owner.byHand());
  }

  /** Receives reports of what goes on; default nobody. */
  public B progress(Progress progress) {
    this.progress = progress;
    return self();
  }

  /**
   * Where the cluster lives: {@code docker}, {@code embedded} (processes of this machine), or the
   * default {@code auto}: containers where a container engine can be reached, else processes.
   */
  public B engine(@Nullable String engine) {
    this.engine = engine;
    return self();
  }

  /** Where Slurm's programs are for a cluster of processes; default the class path. */
  public B programs(SlurmPrograms programs) {
    return bundles(new ProgramBundles(programs));
  }

  /** As {@link #programs}, for tests. */
  B bundles(BundleSource bundles) {
    this.bundles = bundles;
    return self();
  }

  /** Any owner, for tests. */
  B owner(Owner owner) {
    this.owner = owner;
    return self();
  }

  /** A backend of its own instead of one that is chosen, for tests. */
  B backend(Supplier<ClusterBackend> backend) {
    this.backend = backend;
    return self();
  }

  /** What tries a login instead of SSH, where a backend has no real SSH server, for tests. */
  B login(Consumer<Connection> login) {
    this.login = login;
    return self();
  }

  /**
   * How the cluster is worked on.
   *
   * @param valid its name
   * @param version of Slurm, where a backend is still to be chosen
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
    return new BackendSelector(engine, Environment.system(), bundles, progress, timeout());
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
