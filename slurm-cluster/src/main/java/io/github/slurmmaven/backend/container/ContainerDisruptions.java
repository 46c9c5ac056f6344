/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.Disruptions;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.resource.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Breaks parts of a running cluster of containers, and repairs them. */
final class ContainerDisruptions implements Disruptions {

  private static final String DISRUPT = Resources.text(ContainerDisruptions.class, "disrupt.sh");

  private final ContainerEngine engine;
  private final ClusterContainers containers;
  private final Map<String, String> environment;
  private final Duration timeout;

  ContainerDisruptions(
      ContainerEngine engine,
      ClusterContainers containers,
      Map<String, String> environment,
      Duration timeout) {
    this.engine = engine;
    this.containers = containers;
    this.environment = environment;
    this.timeout = timeout;
  }

  @Override
  public void stopController(ClusterId id) {
    disrupt(containers.controller(id), "stop-controller");
  }

  @Override
  public void startController(ClusterId id) {
    disrupt(containers.controller(id), "start-controller");
  }

  @Override
  public void stopRest(ClusterId id) {
    disrupt(containers.controller(id), "stop-rest");
  }

  @Override
  public void startRest(ClusterId id) {
    disrupt(containers.controller(id), "start-rest");
  }

  private void disrupt(ContainerSummary container, String how) {
    CommandResult result =
        engine.exec(
            container.id(),
            new ExecCommand(List.of("bash", "-c", DISRUPT, "disrupt", how), "root", Map.of()),
            line -> {},
            timeout);
    if (!result.ok()) {
      throw new SlurmClusterException(
          "'%s' failed on %s: %s".formatted(how, container.name(), result.stderr().strip()));
    }
  }

  /** If node and controller are one container, there is no network between them to cut. */
  @Override
  public void disconnect(ClusterId id, String node) {
    ContainerSummary container = containers.container(id, node);
    if (ClusterContainers.runsController(container)) {
      requireJobs(id, container);
      disrupt(container, "stop-node");
    } else {
      engine
          .inspectContainer(container.id())
          .addresses()
          .keySet()
          .forEach(network -> engine.leaveNetwork(container.id(), network));
    }
  }

  private static void requireJobs(ClusterId id, ContainerSummary container) {
    if (!Role.ALL_IN_ONE.id().equals(container.labels().get(Labels.ROLE))) {
      throw new UserMistakeException(
          "Node %s of cluster %s is the controller, and runs no jobs: name a compute node"
              .formatted(ClusterContainers.node(container), id.name()));
    }
  }

  @Override
  public void reconnect(ClusterFiles files, String node) {
    ClusterId id = files.id();
    ContainerSummary container = containers.container(id, node);
    if (ClusterContainers.runsController(container)) {
      requireJobs(id, container);
      disrupt(container, "continue-node");
      return;
    }
    EngineInfo info = engine.info();
    ComposeProject project = RunnableProject.read(files, environment);
    ComposeTranslator translator =
        new ComposeTranslator(project, Labels.of(id), info.cpus(), info.memory());
    Set<String> there = engine.inspectContainer(container.id()).addresses().keySet();
    project.services().values().stream()
        .filter(service -> service.containerName().equals(container.name()))
        .flatMap(service -> translator.container(service).networks().stream())
        .filter(attachment -> !there.contains(attachment.network()))
        .forEach(attachment -> engine.joinNetwork(container.id(), attachment));
  }

  @Override
  public void dropConnections(ClusterId id) {
    disrupt(containers.controller(id), "drop-connections");
  }
}
