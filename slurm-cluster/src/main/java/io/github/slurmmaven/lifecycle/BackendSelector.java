/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.backend.container.ContainerPlanner;
import io.github.slurmmaven.backend.embedded.EmbeddedBackend;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.EngineLocator;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.ClusterDirectory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Selects the backend of a cluster: the one that its files are for or, without files, the one of
 * the parameter or of the machine.
 */
public final class BackendSelector {

  /** The parameter's values. */
  enum Engine {
    /** Containers if a container engine can be reached, otherwise processes of this machine. */
    AUTO,
    /** Containers. */
    DOCKER,
    /** Processes of this machine. */
    EMBEDDED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Engine asked;
  private final Environment environment;
  private final BundleSource bundles;
  private final Progress progress;
  private final Duration timeout;

  /**
   * @param engine the parameter {@code engine}; null for the default
   * @param timeout the parameter {@code timeout}: how long an engine or a backend's other parts may
   *     take to answer
   * @throws InvalidParameterException when the engine is not one of the three
   */
  public BackendSelector(
      @Nullable String engine,
      Environment environment,
      BundleSource bundles,
      Progress progress,
      Duration timeout) {
    asked = engine(engine);
    this.environment = environment;
    this.bundles = bundles;
    this.progress = progress;
    this.timeout = timeout;
  }

  private static Engine engine(@Nullable String engine) {
    if (engine == null) {
      return Engine.AUTO;
    }
    return Arrays.stream(Engine.values())
        .filter(each -> each.toString().equals(engine))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidParameterException(
                    "engine", engine, "is not an engine: use auto, docker or embedded"));
  }

  /**
   * Opens the backend of a cluster. For a new cluster, it is chosen now.
   *
   * @param files the cluster's directory, which records the backend
   * @param version Slurm's release line for a new cluster
   * @throws InvalidParameterException when the parameter names a backend other than the cluster's
   * @throws UserMistakeException when no backend can be used; says why for each
   */
  public ClusterBackend open(ClusterId id, ClusterDirectory files, Supplier<SlurmVersion> version) {
    Optional<BackendKind> created = created(id, files);
    if (created.isEmpty()) {
      return choose(version.get());
    }
    if (asked != Engine.AUTO && !asked.toString().equals(created.get().toString())) {
      throw new InvalidParameterException(
          "engine",
          asked,
          "is not what cluster %s in %s was created for: leave it at %s, or run slurm:destroy first"
              .formatted(id.name(), id.directory(), created.get()));
    }
    return created.get() == BackendKind.DOCKER ? containers() : processes();
  }

  private Optional<BackendKind> created(ClusterId id, ClusterDirectory files) {
    if (files.exists()) {
      return Optional.of(files.backend());
    }
    // The cluster may exist although its directory is gone.
    return asked != Engine.DOCKER && EmbeddedBackend.knows(id, environment.variables())
        ? Optional.of(BackendKind.EMBEDDED)
        : Optional.empty();
  }

  private ClusterBackend choose(SlurmVersion version) {
    if (asked == Engine.DOCKER) {
      return containers();
    }
    if (asked == Engine.EMBEDDED) {
      return processes();
    }
    try {
      return containers();
    } catch (NoEngineException noContainers) {
      EmbeddedBackend processes = processes();
      try {
        processes.requireBundle(version);
      } catch (UserMistakeException noBundle) {
        throw new UserMistakeException(
            "%s%nNor can Slurm run without containers here. %s"
                .formatted(noContainers.getMessage(), noBundle.getMessage()),
            noContainers);
      }
      progress.step(
          "No container engine can be reached: the cluster's processes run on this machine (engine=embedded)");
      String reason = String.valueOf(noContainers.getMessage());
      if (EngineLocator.isNamed(environment)) {
        progress.warn(reason);
      } else {
        progress.detail(reason);
      }
      return processes;
    }
  }

  /** Returns the planner of a cluster that is only rendered, which needs no engine. */
  public Planner withoutEngine(ClusterId id, ClusterDirectory files) {
    return created(id, files)
            .map(kind -> kind == BackendKind.EMBEDDED)
            .orElse(asked == Engine.EMBEDDED)
        ? processes().planner()
        : ContainerPlanner.withoutEngine(environment.variables());
  }

  /** Returns all backends that can be reached. The caller closes them. */
  public List<ClusterBackend> all() {
    List<ClusterBackend> all = new ArrayList<>();
    if (asked != Engine.DOCKER) {
      all.add(processes());
    }
    if (asked != Engine.EMBEDDED) {
      try {
        all.add(containers());
      } catch (NoEngineException e) {
        if (asked == Engine.DOCKER) {
          throw e;
        }
        progress.detail("Clusters in containers cannot be listed: " + e.getMessage());
      }
    }
    return all;
  }

  private ClusterBackend containers() {
    return new ContainerBackend(
        DockerEngine.connect(environment, timeout, progress::detail),
        environment.variables(),
        timeout);
  }

  private EmbeddedBackend processes() {
    return new EmbeddedBackend(bundles, environment.variables(), timeout);
  }
}
