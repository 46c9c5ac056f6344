/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.AllocationTakenException;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.ExecCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Creates the container of each service, starts it, or lets it read its configuration again. */
final class ServiceContainers {

  /** Exit code after SIGKILL, which ends every process of a container that ends. */
  private static final int KILLED = 137;

  static final Duration STOP_GRACE = Duration.ofSeconds(5);

  private static final Duration POLL = Duration.ofMillis(50);

  private final ContainerEngine engine;
  private final ContainerCopies copies;
  private final Duration timeout;

  /** Whether this machine's files can be mounted into containers, as far as is known. */
  private volatile boolean filesAreShared = true;

  ServiceContainers(ContainerEngine engine, ContainerCopies copies, Duration timeout) {
    this.engine = engine;
    this.copies = copies;
    this.timeout = timeout;
  }

  /** Whether this machine's files can be mounted into containers, as far as is known. */
  boolean filesAreShared() {
    return filesAreShared;
  }

  /** Sets whether the engine may see this machine's files at all. */
  void expectShared(boolean possible) {
    filesAreShared &= possible;
  }

  void start(
      ComposeTranslator translator,
      ContainerDefinition wanted,
      Map<String, ContainerSummary> existing,
      Optional<ClusterDefinition> cluster) {
    try {
      ContainerSummary there = existing.get(wanted.name());
      if (there != null) {
        if (fits(there, wanted)) {
          if (!there.labels().containsKey(Labels.DIGEST)) {
            // Docker Compose made the container, and copies nothing.
            cluster.ifPresent(definition -> copyFiles(there.id(), wanted, definition));
          }
          run(there.id(), wanted);
          return;
        }
        if (onlyConfigurationDiffers(there, wanted)) {
          // It has read it already.
          return;
        }
        stopAndRemove(there);
      }
      String container = create(translator, wanted);
      cluster.ifPresent(definition -> copyFiles(container, wanted, definition));
      run(container, wanted);
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.NO_SUCH_PROGRAM) {
        throw new UserMistakeException(
            "%s: the image '%s' cannot run as '%s': a node's image is the one of this plugin, or made from it (FROM)"
                .formatted(
                    wanted.name(),
                    wanted.image(),
                    String.join(" ", wanted.command().orElse(List.of()))),
            e);
      }
      if (e.kind() == EngineException.Kind.NO_SUCH_ADDRESS) {
        throw new InvalidParameterException(
            "bindAddress",
            wanted.ports().stream()
                .map(PortBinding::hostAddress)
                .distinct()
                .collect(Collectors.joining(", ")),
            "is not an address of the engine's machine, %s: use one that it has, or leave it at 127.0.0.1"
                .formatted(engine.info().address()));
      }
      throw e.kind() == EngineException.Kind.PORT_IN_USE
          ? new AllocationTakenException(
              new Taken(
                  Set.of(),
                  wanted.ports().stream().map(PortBinding::hostPort).collect(Collectors.toSet())),
              e)
          : e;
    }
  }

  /** Copies the definition's files into a container, which need not run. */
  private void copyFiles(String container, ContainerDefinition wanted, ClusterDefinition cluster) {
    String name = wanted.labels().getOrDefault(Labels.NODE, "");
    for (NodeDefinition node : cluster.nodes()) {
      if (node.name().equals(name)) {
        cluster.files().stream()
            .filter(file -> file.appliesTo(node) && file.configurationFile().isEmpty())
            .forEach(file -> copies.copy(container, name, Path.of(file.source()), file.target()));
      }
    }
  }

  /**
   * Starts a container. The engine's own message would name an id that no longer exists when the
   * user reads it.
   */
  private void run(String id, ContainerDefinition wanted) {
    try {
      engine.startContainer(id);
    } catch (EngineException e) {
      throw new EngineException(e.kind(), wanted.name() + ": " + e.getMessage(), e);
    }
  }

  private String create(ComposeTranslator translator, ContainerDefinition wanted) {
    if (filesAreShared) {
      try {
        return create(wanted);
      } catch (EngineException e) {
        if (e.kind() != EngineException.Kind.NO_SUCH_SOURCE) {
          throw e;
        }
        // The file exists here, but not for the engine: a socket, too, can lead to another machine.
        filesAreShared = false;
        translator.requireCopiesWillDo();
      }
    }
    String container = create(MountedFiles.without(wanted));
    MountedFiles.copy(engine, container, wanted);
    return container;
  }

  private String create(ContainerDefinition wanted) {
    try {
      return engine.createContainer(wanted);
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.RACE) {
        throw e;
      }
      return engine.createContainer(wanted);
    }
  }

  static boolean fits(ContainerSummary there, ContainerDefinition wanted) {
    String digest = there.labels().get(Labels.DIGEST);
    return digest == null
        || (digest.equals(wanted.labels().get(Labels.DIGEST))
            // A label cannot change, and this one must name the present owner.
            && (isSame(Labels.OWNER, there, wanted)
                || there.status() == ContainerState.Status.RUNNING));
  }

  static boolean onlyConfigurationDiffers(ContainerSummary there, ContainerDefinition wanted) {
    return there.status() == ContainerState.Status.RUNNING
        && there.labels().containsKey(Labels.SHAPE)
        && isSame(Labels.SHAPE, there, wanted);
  }

  private static boolean isSame(String label, ContainerSummary there, ContainerDefinition wanted) {
    return Objects.equals(there.labels().get(label), wanted.labels().get(label));
  }

  void stopAndRemove(ContainerSummary container) {
    engine.stopContainer(container.id(), STOP_GRACE);
    engine.removeContainer(container.id());
  }

  /** The node's entry point restarts Slurm's daemons; jobs continue. */
  void readConfiguration(ContainerSummary container, ContainerDefinition wanted) {
    if (container.labels().containsKey(Labels.FILES)) {
      MountedFiles.copy(engine, container.id(), wanted);
    }
    List<String> command = new ArrayList<>(List.of("slurm-entrypoint", "reload"));
    wanted.extraHosts().entrySet().stream()
        // The engine wrote the address of its host when it made the container.
        .filter(host -> !host.getValue().equals(ComposeService.HOST_GATEWAY))
        .forEach(host -> command.add(host.getKey() + "=" + host.getValue()));
    CommandResult result =
        engine.exec(
            container.id(), new ExecCommand(command, "root", Map.of()), line -> {}, timeout);
    // If a node ends because of it, the wait for readiness reports why.
    if (!result.ok() && !(result.exitCode() == KILLED && ends(container))) {
      throw new SlurmClusterException(
          "%s could not read its changed configuration: %s"
              .formatted(container.name(), result.stderr().strip()));
    }
  }

  /**
   * Whether the container ends. Its processes are killed a moment before the engine reports that.
   */
  boolean ends(ContainerSummary container) {
    long begin = System.nanoTime();
    while (engine.inspectContainer(container.id()).running()) {
      if (System.nanoTime() - begin > STOP_GRACE.toNanos()) {
        return false;
      }
      try {
        Thread.sleep(POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }
}
