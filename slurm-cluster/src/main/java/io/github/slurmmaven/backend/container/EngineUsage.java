/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.NetworkSummary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Networks and ports in use on an engine's machine, as far as the engine knows.
 *
 * @param networks all networks
 * @param containers all containers, with the ports that they publish
 */
record EngineUsage(List<NetworkSummary> networks, List<ContainerSummary> containers) {

  /** Nothing in use, for plans without an engine. */
  static final EngineUsage NONE = new EngineUsage(List.of(), List.of());

  /** Returns the ports of the host that running containers with these labels publish. */
  Set<Integer> ports(Map<String, String> labels) {
    return containers.stream()
        .filter(container -> container.labels().entrySet().containsAll(labels.entrySet()))
        .flatMap(container -> container.ports().stream())
        .map(PortBinding::hostPort)
        .collect(Collectors.toSet());
  }

  /** Describes the container that publishes a port. */
  Optional<String> holder(int port) {
    return containers.stream()
        .filter(container -> container.status() == ContainerState.Status.RUNNING)
        .filter(
            container -> container.ports().stream().anyMatch(binding -> binding.hostPort() == port))
        .map(container -> "the container " + container.name())
        .findFirst();
  }
}
