/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ContainerPort;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.NetworkSettings;
import com.github.dockerjava.api.model.Ports;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerState.Status;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Converts docker-java's responses about containers. */
final class ContainerAnswers {

  // The engine's value for "never": https://pkg.go.dev/time#Time.IsZero
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private ContainerAnswers() {}

  static ContainerState state(InspectContainerResponse answer) {
    InspectContainerResponse.ContainerState state = answer.getState();
    Status status = status(state.getStatus());
    Long exitCode = state.getExitCodeLong();
    ContainerConfig config = answer.getConfig();
    NetworkSettings network = answer.getNetworkSettings();
    return new ContainerState(
        answer.getId(),
        withoutSlash(answer.getName()),
        status,
        exitCode == null ? 0 : exitCode.intValue(),
        Boolean.TRUE.equals(state.getOOMKilled()),
        state.getError() == null ? "" : state.getError(),
        Optional.ofNullable(state.getStartedAt())
            .filter(at -> !at.equals(NEVER))
            .map(Instant::parse),
        status == Status.RUNNING && network != null ? ports(network.getPorts()) : List.of(),
        network == null ? Map.of() : addresses(network.getNetworks()),
        config == null ? Map.of() : orEmpty(config.getLabels()));
  }

  static ContainerSummary summary(Container answer) {
    // Links from other containers add names with more slashes.
    String name =
        Arrays.stream(answer.getNames())
            .min(Comparator.comparing((String each) -> each.split("/", -1).length))
            .orElse(answer.getId());
    Status status = status(answer.getState());
    return new ContainerSummary(
        answer.getId(),
        withoutSlash(name),
        answer.getImage(),
        status,
        Instant.ofEpochSecond(answer.getCreated()),
        // Podman reports them for containers that do not run, too.
        status == Status.CREATED || status == Status.EXITED
            ? List.of()
            : published(answer.getPorts()),
        orEmpty(answer.getLabels()));
  }

  private static List<PortBinding> published(ContainerPort @Nullable [] ports) {
    List<PortBinding> result = new ArrayList<>();
    for (ContainerPort port : ports == null ? new ContainerPort[0] : ports) {
      Integer hostPort = port.getPublicPort();
      if (hostPort != null && hostPort != 0) {
        result.add(
            new PortBinding(
                port.getIp() == null ? "" : port.getIp(),
                hostPort,
                port.getPrivatePort(),
                port.getType()));
      }
    }
    return result;
  }

  static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  private static String withoutSlash(String name) {
    return name.startsWith("/") ? name.substring(1) : name;
  }

  private static Status status(String word) {
    return switch (word) {
      // The others are Podman's.
      case "created", "configured", "initialized" -> Status.CREATED;
      case "running" -> Status.RUNNING;
      case "paused" -> Status.PAUSED;
      case "restarting" -> Status.RESTARTING;
      case "removing" -> Status.REMOVING;
      case "exited", "stopped", "stopping" -> Status.EXITED;
      case "dead" -> Status.DEAD;
      default ->
          throw new EngineException(
              Kind.OTHER, "the engine reports a container status that is not known: " + word, null);
    };
  }

  private static List<PortBinding> ports(@Nullable Ports ports) {
    if (ports == null) {
      return List.of();
    }
    List<PortBinding> result = new ArrayList<>();
    for (Map.Entry<ExposedPort, Ports.Binding[]> entry : ports.getBindings().entrySet()) {
      Ports.Binding[] bindings = entry.getValue();
      if (bindings == null) {
        continue; // exposed by the image, but not published
      }
      for (Ports.Binding binding : bindings) {
        result.add(
            new PortBinding(
                binding.getHostIp() == null ? "" : binding.getHostIp(),
                Integer.parseInt(binding.getHostPortSpec()),
                entry.getKey().getPort(),
                entry.getKey().getProtocol().toString()));
      }
    }
    return result;
  }

  private static Map<String, String> addresses(@Nullable Map<String, ContainerNetwork> networks) {
    Map<String, String> result = new LinkedHashMap<>();
    if (networks != null) {
      networks.forEach(
          (name, network) -> {
            String address = network.getIpAddress();
            if (address != null && !address.isEmpty()) {
              result.put(name, address);
            }
          });
    }
    return result;
  }
}
