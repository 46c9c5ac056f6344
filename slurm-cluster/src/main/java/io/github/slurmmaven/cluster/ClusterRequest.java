/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.NodeParameters;
import io.github.slurmmaven.definition.PyxisParameters;
import io.github.slurmmaven.definition.RegistryParameters;
import io.github.slurmmaven.definition.SlurmParameters;
import io.github.slurmmaven.definition.SshParameters;
import io.github.slurmmaven.lifecycle.BackendSelector;
import io.github.slurmmaven.lifecycle.ClusterAccess;
import io.github.slurmmaven.lifecycle.ClusterCreation;
import io.github.slurmmaven.lifecycle.ClusterStart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Describes a cluster and creates it. A {@link SlurmCluster} is the handle on the result.
 *
 * <pre>{@code
 * try (SlurmCluster cluster =
 *     ClusterRequest.builder().preset("gpu").ssh(ssh -> ssh.port(0)).start()) {
 *   JobId id = cluster.submit(Path.of("train.sh"));
 *   JobState state = cluster.await(id, Duration.ofSeconds(30)).state();
 * }
 * }</pre>
 *
 * <p>All methods throw {@link UserMistakeException} if the user can fix the cause, and {@link
 * SlurmClusterException} if something broke.
 */
public final class ClusterRequest {

  private final ClusterParameters parameters;
  private final List<ImageSource> images;
  private final boolean force;
  private final boolean keep;
  private final ClusterAccess access;
  private final BackendSelector selector;
  private final ClusterCreation creation;

  private ClusterRequest(Builder builder) {
    builder.prepare();
    parameters = builder.parameters.name(builder.name).build();
    ClusterDefinition definition = parameters.toDefinition();
    images = builder.images;
    force = builder.force;
    keep = builder.keep;
    access = builder.access(definition.name(), definition::slurmVersion);
    selector = builder.selector();
    creation =
        new ClusterCreation(
            access, parameters, new ClusterCreation.Options(force, keep, builder.reuse));
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Loads the classes of this JVM's first request in the background. The call is optional: if a
   * caller does other work before its request, its cluster starts earlier.
   */
  public static void prepare() {
    Preparation.beginDefinition();
  }

  /** Returns the cluster's name. */
  public String name() {
    return access.id().name();
  }

  /** Returns the absolute path of the cluster's directory. */
  public Path directory() {
    return access.id().directory();
  }

  /** Returns the definition of the cluster. */
  public ClusterDefinition definition() {
    return parameters.toDefinition();
  }

  /** Returns a handle on the cluster, which need not exist yet. */
  public SlurmCluster cluster() {
    return new SlurmCluster(access, force, keep);
  }

  /**
   * Writes the cluster's files, and pulls or builds its image.
   *
   * @return whether any file was written; false when the same cluster was created before
   */
  public boolean create() {
    return creation.create();
  }

  /**
   * Writes the cluster's files as {@link #create} does, but needs no engine: values that an engine
   * would supply are taken from this machine.
   *
   * @return whether any file was written
   */
  public boolean render() {
    return creation.render(() -> selector.withoutEngine(access.id(), access.directory()));
  }

  /**
   * Starts the cluster from its files, creating them if they are missing, and returns when jobs can
   * be submitted. If the start fails, everything that it started is removed, unless the cluster is
   * to be kept.
   */
  public Connection start() {
    return new ClusterStart(access, force, keep).start(creation, images);
  }

  /** Builds a request; null means the default. */
  public static final class Builder extends ClusterBuilder<Builder> {

    private final ClusterParameters.Builder parameters = ClusterParameters.builder();
    private List<ImageSource> images = List.of();
    private boolean reuse;

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /** Loads classes that are probably needed next; a wrong guess costs only time. */
    private void prepare() {
      if (!"embedded".equals(engine)) {
        Preparation.beginEngine();
      }
      String likelyName = name == null ? ClusterParameters.DEFAULT_NAME : name;
      if (!Files.exists(outputDirectory.resolve(likelyName))) {
        Preparation.beginFiles();
      }
    }

    /** Sets the preset; default {@value io.github.slurmmaven.definition.Presets#DEFAULT}. */
    public Builder preset(@Nullable String preset) {
      parameters.preset(preset);
      return this;
    }

    /** Sets a YAML file that defines the cluster, instead of a preset. */
    public Builder definition(@Nullable Path definition) {
      parameters.definition(definition);
      return this;
    }

    /** Sets parts of a definition, which replace those of the preset or the definition file. */
    public Builder document(@Nullable ClusterDocument document) {
      parameters.document(document);
      return this;
    }

    /**
     * Sets the directory that relative paths of parameters start from; default the current
     * directory.
     */
    public Builder baseDirectory(Path directory) {
      parameters.directory(directory);
      return this;
    }

    /** Sets whether slurmdbd and its database run; default the preset's or the definition's. */
    public Builder accounting(@Nullable Boolean accounting) {
      parameters.value("accounting", accounting);
      return this;
    }

    /**
     * Sets whether slurmrestd serves Slurm's REST API; default the preset's or the definition's.
     */
    public Builder rest(@Nullable Boolean rest) {
      parameters.value("rest", rest);
      return this;
    }

    /**
     * Sets the port of slurmrestd on the host, 0 for any free one; default 6820 or the next free
     * one.
     */
    public Builder restPort(@Nullable Integer port) {
      parameters.value("restPort", port);
      return this;
    }

    /** Sets whether nodes have Slurm's PBS commands; default the preset's or the definition's. */
    public Builder pbsCommands(@Nullable Boolean pbsCommands) {
      parameters.value("pbsCommands", pbsCommands);
      return this;
    }

    /**
     * Sets how many seconds pass in the cluster for each second of the machine, 1 to 1000; default
     * the preset's or the definition's, which is 1.
     */
    public Builder clockSpeed(@Nullable Integer speed) {
      parameters.value("clockSpeed", speed);
      return this;
    }

    /**
     * Sets whether programs of jobs see the cluster's time instead of the machine's; default the
     * preset's or the definition's, which is no.
     */
    public Builder jobClock(@Nullable Boolean jobClock) {
      parameters.value("jobClock", jobClock);
      return this;
    }

    /** Sets Slurm's release line or release, for example {@code 24.11} or {@code 25.11.4}. */
    public Builder slurmVersion(@Nullable String version) {
      return slurm(slurm -> slurm.slurmVersion(version));
    }

    /**
     * Sets which Slurm runs: {@code slurm(slurm -> slurm.slurmSource("slurm-25.11.4.tar.bz2"))}.
     */
    public Builder slurm(Consumer<SlurmParameters> slurm) {
      parameters.slurm(slurm);
      return this;
    }

    /** Sets a prebuilt image for all nodes; by default, the image is pulled or built. */
    public Builder image(@Nullable String image) {
      parameters.image(image);
      return this;
    }

    /**
     * Sets the repository that the image is pulled from, by its digest, before it is built; {@value
     * ClusterDefinition#NO_REPOSITORY} always builds. The default is the repository that this
     * version was released with, if there is one.
     */
    public Builder imageRepository(@Nullable String repository) {
      parameters.imageRepository(repository);
      return this;
    }

    /**
     * Sets the directory whose files are put beside slurm.conf, such as job_submit.lua or a prolog;
     * default {@value ClusterParameters#SLURM_FILES} below the base directory, if it exists.
     */
    public Builder slurmFiles(@Nullable Path directory) {
      parameters.slurmFiles(directory);
      return this;
    }

    /** Configures the compute nodes: {@code nodes(nodes -> nodes.cpuNodes(2).cpusPerNode(8))}. */
    public Builder nodes(Consumer<NodeParameters> nodes) {
      parameters.nodes(nodes);
      return this;
    }

    /** Configures the login over SSH: {@code ssh(ssh -> ssh.port(0))}. */
    public Builder ssh(Consumer<SshParameters> ssh) {
      parameters.ssh(ssh);
      return this;
    }

    /**
     * Configures the container registry: {@code registry(registry -> registry.withRegistry(true))}.
     */
    public Builder registry(Consumer<RegistryParameters> registry) {
      parameters.registry(registry);
      return this;
    }

    /** Configures jobs in containers: {@code pyxis(pyxis -> pyxis.withPyxis(true))}. */
    public Builder pyxis(Consumer<PyxisParameters> pyxis) {
      parameters.pyxis(pyxis);
      return this;
    }

    /** Sets images that {@link ClusterRequest#start} makes available to jobs; default none. */
    public Builder images(List<ImageSource> images) {
      this.images = List.copyOf(images);
      return this;
    }

    /**
     * Sets whether {@link ClusterRequest#create} uses an existing cluster as it is, as {@link
     * ClusterRequest#start} does, instead of rendering it again.
     */
    public Builder reuse(boolean reuse) {
      this.reuse = reuse;
      return this;
    }

    /**
     * Returns the request, without creating anything.
     *
     * @throws io.github.slurmmaven.client.InvalidParameterException naming parameter, value and
     *     what is allowed
     */
    public ClusterRequest build() {
      return new ClusterRequest(this);
    }

    /** Creates and starts the cluster, so that jobs can be submitted. */
    public SlurmCluster start() {
      ClusterRequest request = build();
      request.start();
      return request.cluster();
    }
  }
}
