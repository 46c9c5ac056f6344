/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import java.util.Map;
import java.util.Optional;

/** Finds out who holds a port of the engine's machine, for the message that says it is taken. */
final class PortHolder {

  private PortHolder() {}

  static String describe(ContainerEngine engine, String address, int port) {
    return container(engine, port)
        .or(() -> engine.info().isLocal() ? LocalPorts.holder(port) : Optional.empty())
        .orElse("another program on " + address);
  }

  private static Optional<String> container(ContainerEngine engine, int port) {
    for (ContainerSummary container : engine.listContainers(Map.of())) {
      if (container.status() == ContainerState.Status.RUNNING) {
        try {
          boolean holds =
              engine.inspectContainer(container.id()).ports().stream()
                  .anyMatch(binding -> binding.hostPort() == port);
          if (holds) {
            return Optional.of("the container " + container.name());
          }
        } catch (EngineException e) {
          if (e.kind() != EngineException.Kind.NOT_FOUND) {
            throw e;
          }
        }
      }
    }
    return Optional.empty();
  }
}
