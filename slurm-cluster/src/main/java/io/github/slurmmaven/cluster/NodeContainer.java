/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.files.ClusterFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The container of a cluster with one node, for a program that runs containers itself, such as
 * Testcontainers. It is the one of the cluster's docker-compose.yml with three differences: the
 * cluster's files are copied instead of mounted, the container's own file system replaces the
 * volumes, and the program chooses network and ports.
 *
 * @param image image reference
 * @param hostname host name inside, which is the node's name
 * @param command arguments of the image's entrypoint
 * @param environment variables
 * @param labels labels by which the cluster's container is found
 * @param files files and directories of this machine, by their absolute path in the container
 * @param bindAddress address of the host that published ports bind
 * @param ports ports to publish
 * @param hosts further lines of /etc/hosts: name to address
 * @param capDrop capabilities to drop
 * @param securityOpt security options, for example {@code no-new-privileges:true}
 * @param cpus limit in processors; empty for none
 * @param memory limit in bytes; empty for none
 */
public record NodeContainer(
    String image,
    String hostname,
    List<String> command,
    Map<String, String> environment,
    Map<String, String> labels,
    Map<String, Path> files,
    String bindAddress,
    Set<Integer> ports,
    Map<String, String> hosts,
    List<String> capDrop,
    List<String> securityOpt,
    OptionalDouble cpus,
    OptionalLong memory) {

  public NodeContainer {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    labels = Map.copyOf(labels);
    files = Map.copyOf(files);
    ports = Set.copyOf(ports);
    hosts = Map.copyOf(hosts);
    capDrop = List.copyOf(capDrop);
    securityOpt = List.copyOf(securityOpt);
  }

  static NodeContainer of(ClusterFiles files, Owner owner) {
    ClusterId id = files.id();
    ComposeProject project = files.project(Map.of());
    if (project.services().size() != 1) {
      throw new UserMistakeException(
          "Cluster %s in %s cannot run as one container, because its services are %s: use a definition with one node of the role all-in-one"
              .formatted(
                  id.name(), id.directory(), String.join(", ", project.services().keySet())));
    }
    ComposeService service = project.services().values().iterator().next();
    Map<String, String> labels = new LinkedHashMap<>(service.labels());
    labels.putAll(ContainerBackend.labelsOfCopied(owner));
    Map<String, String> hosts = new LinkedHashMap<>(service.extraHosts());
    // The engine adds the container's own name and address.
    hosts.remove(service.name());
    Map<String, Path> copies = new LinkedHashMap<>();
    service.mounts().stream()
        .filter(mount -> mount.kind() == ComposeService.Mount.Kind.BIND)
        .forEach(mount -> copies.put(mount.target(), Path.of(mount.source())));
    Set<Integer> ports = new LinkedHashSet<>();
    service.ports().forEach(port -> ports.add(port.containerPort()));
    return new NodeContainer(
        service.image(),
        service.hostname().orElse(service.name()),
        service.command().orElse(List.of()),
        service.environment(),
        labels,
        copies,
        service.ports().stream()
            .map(ComposeService.Port::hostAddress)
            .flatMap(Optional::stream)
            .findFirst()
            .orElse("127.0.0.1"),
        ports,
        hosts,
        service.capDrop(),
        service.securityOpt(),
        service.cpus(),
        service.memory());
  }
}
