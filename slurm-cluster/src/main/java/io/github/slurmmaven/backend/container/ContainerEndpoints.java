/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.Endpoints;
import io.github.slurmmaven.backend.Endpoints.Login;
import io.github.slurmmaven.backend.LocalAddresses;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.RestDefinition;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineInfo;
import java.util.List;
import java.util.Optional;

/** The addresses at which this machine reaches the published ports of a cluster's containers. */
final class ContainerEndpoints implements Endpoints {

  private final ContainerEngine engine;
  private final ClusterContainers containers;

  ContainerEndpoints(ContainerEngine engine, ClusterContainers containers) {
    this.engine = engine;
    this.containers = containers;
  }

  @Override
  public Login login(ClusterId id, ClusterDefinition definition) {
    return new Login(
        SshDefinition.USER,
        definition.ssh().passwordLogin() ? Optional.of(SshDefinition.PASSWORD) : Optional.empty());
  }

  @Override
  public Address ssh(ClusterId id) {
    List<ContainerSummary> known = containers.known(id);
    PortBinding binding =
        ClusterContainers.controller(known)
            .flatMap(container -> published(container, SshDefinition.CONTAINER_PORT))
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        "%s publishes no port for SSH: the controller's service needs a line like"
                                .formatted(id.directory().resolve("docker-compose.yml"))
                            + " '127.0.0.1:2222:22' under ports"));
    if (!new EngineReach(engine.info()).isReached(binding.hostAddress())) {
      throw new UserMistakeException(
          "%s publishes the port for SSH on %s, which can be reached only from the engine's own machine, %s, and not from this one: set bindAddress, or change the address"
              .formatted(
                  id.directory().resolve("docker-compose.yml"),
                  binding.hostAddress(),
                  engine.info().address()));
    }
    if (EngineReach.isLoopback(binding.hostAddress()) && isBeyondThisMachine(binding, known)) {
      throw new InvalidParameterException(
          "bindAddress",
          binding.hostAddress(),
          ("is the loopback interface of the engine's own machine, which this build does not reach:"
                  + " it runs in a container beside the engine at %s. Set bindAddress to %s,"
                  + " and passwordLogin to false, as others may reach that too")
              .formatted(
                  engine.info().address(),
                  LocalAddresses.gateway()
                      .map(gateway -> gateway + ", the engine's machine as this container sees it")
                      .orElse("an address of the engine's machine that this container reaches")));
    }
    return address(binding, known);
  }

  /**
   * Whether an engine whose address is local runs on another machine: its containers have copies,
   * because it does not see this machine's files, and no process listens here on the port that it
   * publishes.
   */
  private boolean isBeyondThisMachine(PortBinding binding, List<ContainerSummary> known) {
    return engine.info().isLocal()
        && known.stream().anyMatch(each -> each.labels().containsKey(Labels.FILES))
        && LocalPorts.isFree(
            EngineReach.isEverywhere(binding.hostAddress()) ? "127.0.0.1" : binding.hostAddress(),
            binding.hostPort());
  }

  @Override
  public Optional<Address> registry(ClusterId id) {
    return registryBinding(id).map(binding -> address(binding, containers.known(id)));
  }

  @Override
  public Optional<Address> rest(ClusterId id) {
    List<ContainerSummary> known = containers.known(id);
    return ClusterContainers.controller(known)
        .flatMap(container -> published(container, RestDefinition.DEFAULT_PORT))
        .map(binding -> address(binding, known));
  }

  Optional<PortBinding> registryBinding(ClusterId id) {
    return containers.known(id).stream()
        .filter(container -> ClusterContainers.REGISTRY.equals(container.labels().get(Labels.ROLE)))
        .findFirst()
        .flatMap(registry -> published(registry, RegistryDefinition.DEFAULT_PORT));
  }

  /** Returns the binding of a port; empty for a container that has ended. */
  private Optional<PortBinding> published(ContainerSummary container, int port) {
    ContainerState state = engine.inspectContainer(container.id());
    if (!state.running()) {
      throw new SlurmClusterException(
          "node " + ClusterContainers.node(container) + " " + ClusterContainers.describe(state));
    }
    return published(state.ports(), port);
  }

  static Optional<PortBinding> published(List<PortBinding> ports, int port) {
    return ports.stream().filter(binding -> binding.containerPort() == port).findFirst();
  }

  /** Returns the address at which this machine reaches a port. */
  Address address(PortBinding binding, List<ContainerSummary> known) {
    EngineInfo info = engine.info();
    String host = binding.hostAddress();
    if (EngineReach.isEverywhere(host) && isBeyondThisMachine(binding, known)) {
      return new Address(LocalAddresses.gateway().orElse(info.host()), binding.hostPort());
    }
    boolean itself =
        EngineReach.isEverywhere(host) || (EngineReach.isLoopback(host) && !info.isLocal());
    return new Address(itself ? info.host() : host, binding.hostPort());
  }

  /**
   * Returns {@code host:port} as the engine itself reaches it. Engines need no TLS for {@code
   * localhost}.
   */
  static String seenByEngine(PortBinding binding) {
    String host = binding.hostAddress();
    boolean local = EngineReach.isEverywhere(host) || host.equals("127.0.0.1");
    return (local ? "localhost" : host) + ":" + binding.hostPort();
  }
}
