/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.engine.ContainerDefinition.Mount;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Builds a {@link ContainerDefinition} of which a test only names what it cares for. */
public final class ContainerDefinitions {

  private final String name;
  private final String image;
  private Optional<List<String>> command = Optional.empty();
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<Mount> mounts = new ArrayList<>();
  private final List<PortBinding> ports = new ArrayList<>();
  private final List<NetworkAttachment> networks = new ArrayList<>();

  private ContainerDefinitions(String name, String image) {
    this.name = name;
    this.image = image;
  }

  public static ContainerDefinitions container(String name, String image) {
    return new ContainerDefinitions(name, image);
  }

  public ContainerDefinitions command(String... words) {
    command = Optional.of(List.of(words));
    return this;
  }

  public ContainerDefinitions label(String key, String value) {
    labels.put(key, value);
    return this;
  }

  public ContainerDefinitions labels(Map<String, String> more) {
    labels.putAll(more);
    return this;
  }

  public ContainerDefinitions environment(String key, String value) {
    environment.put(key, value);
    return this;
  }

  public ContainerDefinitions volume(String volume, String target) {
    mounts.add(new Mount(Mount.Kind.VOLUME, volume, target, false));
    return this;
  }

  public ContainerDefinitions bind(String source, String target) {
    mounts.add(new Mount(Mount.Kind.BIND, source, target, true));
    return this;
  }

  /** Publishes a TCP port on the loopback address; 0 for any free one. */
  public ContainerDefinitions port(int hostPort, int containerPort) {
    ports.add(new PortBinding("127.0.0.1", hostPort, containerPort, "tcp"));
    return this;
  }

  public ContainerDefinitions network(String network, String... aliases) {
    networks.add(new NetworkAttachment(network, List.of(aliases), Optional.empty()));
    return this;
  }

  public ContainerDefinitions network(NetworkAttachment attachment) {
    networks.add(attachment);
    return this;
  }

  public ContainerDefinition build() {
    return new ContainerDefinition(
        name,
        image,
        Optional.empty(),
        Optional.empty(),
        command,
        Optional.empty(),
        Optional.empty(),
        environment,
        labels,
        mounts,
        ports,
        networks,
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        false,
        false,
        Optional.empty());
  }
}
