/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.InternetProtocol;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.RestartPolicy;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.HealthCheck;
import io.github.slurmmaven.engine.ContainerDefinition.Mount;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Converts a {@link ContainerDefinition} to docker-java's requests. */
final class ContainerRequests {

  private static final double NANOS = 1e9;

  private ContainerRequests() {}

  /**
   * Returns the request for a container on the first of its networks. The caller connects it to the
   * others.
   */
  static CreateContainerCmd create(DockerClient client, ContainerDefinition container) {
    CreateContainerCmd create =
        client
            .createContainerCmd(container.image())
            .withName(container.name())
            .withEnv(pairs(container.environment(), "="))
            .withLabels(container.labels())
            .withHostConfig(hostConfig(container))
            .withExposedPorts(
                container.ports().stream().map(ContainerRequests::exposedPort).distinct().toList());
    container.hostname().ifPresent(create::withHostName);
    container.entrypoint().ifPresent(create::withEntrypoint);
    container.command().ifPresent(create::withCmd);
    container.user().ifPresent(create::withUser);
    container.workingDir().ifPresent(create::withWorkingDir);
    container.stopSignal().ifPresent(create::withStopSignal);
    container.stopTimeout().ifPresent(create::withStopTimeout);
    container.healthcheck().map(ContainerRequests::healthCheck).ifPresent(create::withHealthcheck);
    container.networks().stream()
        .findFirst()
        .ifPresent(
            network -> {
              create.withAliases(network.aliases());
              network.ipv4Address().ifPresent(create::withIpv4Address);
            });
    return create;
  }

  static ContainerNetwork endpoint(NetworkAttachment attachment) {
    ContainerNetwork endpoint = new ContainerNetwork().withAliases(attachment.aliases());
    attachment
        .ipv4Address()
        .ifPresent(
            address ->
                endpoint.withIpamConfig(new ContainerNetwork.Ipam().withIpv4Address(address)));
    return endpoint;
  }

  private static HostConfig hostConfig(ContainerDefinition container) {
    HostConfig host =
        new HostConfig()
            .withPortBindings(portBindings(container.ports()))
            .withMounts(mounts(container.mounts()))
            .withTmpFs(tmpfs(container.mounts()))
            .withExtraHosts(pairs(container.extraHosts(), ":").toArray(new String[0]))
            .withDns(container.dns())
            .withCapAdd(capabilities(container, container.capAdd()))
            .withCapDrop(capabilities(container, container.capDrop()))
            .withSecurityOpts(container.securityOpt())
            .withDevices(container.devices().stream().map(Device::parse).toList())
            .withPrivileged(container.privileged());
    container.networks().stream()
        .findFirst()
        .map(NetworkAttachment::network)
        .ifPresent(host::withNetworkMode);
    // Otherwise, the engine's default applies.
    if (container.init()) {
      host.withInit(true);
    }
    container.cpus().ifPresent(cpus -> host.withNanoCPUs(Math.round(cpus * NANOS)));
    container.memory().ifPresent(host::withMemory);
    container.pidsLimit().ifPresent(host::withPidsLimit);
    container.shmSize().ifPresent(host::withShmSize);
    container.restart().map(RestartPolicy::parse).ifPresent(host::withRestartPolicy);
    return host;
  }

  private static ExposedPort exposedPort(PortBinding port) {
    return new ExposedPort(port.containerPort(), InternetProtocol.parse(port.protocol()));
  }

  private static Ports portBindings(List<PortBinding> ports) {
    Ports bindings = new Ports();
    for (PortBinding port : ports) {
      String hostPort = port.hostPort() == 0 ? "" : String.valueOf(port.hostPort());
      bindings.bind(exposedPort(port), new Ports.Binding(port.hostAddress(), hostPort));
    }
    return bindings;
  }

  // Bind mounts as Mounts rather than Binds: a missing source is an error, not a new directory.
  private static List<com.github.dockerjava.api.model.Mount> mounts(List<Mount> mounts) {
    List<com.github.dockerjava.api.model.Mount> result = new ArrayList<>();
    for (Mount mount : mounts) {
      MountType type =
          switch (mount.kind()) {
            case BIND -> MountType.BIND;
            case VOLUME -> MountType.VOLUME;
            case TMPFS -> null;
          };
      if (type != null) {
        result.add(
            new com.github.dockerjava.api.model.Mount()
                .withType(type)
                .withSource(mount.source())
                .withTarget(mount.target())
                .withReadOnly(mount.readOnly()));
      }
    }
    return result;
  }

  private static Map<String, String> tmpfs(List<Mount> mounts) {
    Map<String, String> result = new LinkedHashMap<>();
    for (Mount mount : mounts) {
      if (mount.kind() == Mount.Kind.TMPFS) {
        List<String> options = new ArrayList<>();
        if (!mount.source().isEmpty()) {
          options.add(mount.source());
        }
        if (mount.readOnly()) {
          options.add("ro");
        }
        result.put(mount.target(), String.join(",", options));
      }
    }
    return result;
  }

  private static Capability[] capabilities(ContainerDefinition container, List<String> names) {
    return names.stream().map(name -> capability(container, name)).toArray(Capability[]::new);
  }

  private static Capability capability(ContainerDefinition container, String name) {
    String plain = name.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", "");
    return Arrays.stream(Capability.values())
        .filter(capability -> capability.name().equals(plain))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException(
                    Kind.OTHER,
                    "cannot create container "
                        + container.name()
                        + ": '"
                        + name
                        + "' is not a capability of Linux",
                    null));
  }

  private static com.github.dockerjava.api.model.HealthCheck healthCheck(HealthCheck check) {
    return new com.github.dockerjava.api.model.HealthCheck()
        .withTest(check.test())
        .withInterval(check.interval())
        .withTimeout(check.timeout())
        .withRetries(check.retries())
        .withStartPeriod(check.startPeriod());
  }

  private static List<String> pairs(Map<String, String> map, String separator) {
    return map.entrySet().stream()
        .map(entry -> entry.getKey() + separator + entry.getValue())
        .collect(Collectors.toList());
  }

  /**
   * Returns filters for labels. The engine matches {@code key=} with an empty value, and {@code
   * key} with any.
   */
  static List<String> labelFilter(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(
            label ->
                label.getValue().isEmpty()
                    ? label.getKey()
                    : label.getKey() + "=" + label.getValue())
        .toList();
  }
}
