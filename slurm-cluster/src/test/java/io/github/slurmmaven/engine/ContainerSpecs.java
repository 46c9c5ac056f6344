/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.engine.ContainerSpec.Mount;
import io.github.slurmmaven.engine.ContainerSpec.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerSpec.PortBinding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Builds a {@link ContainerSpec} of which a test only names what it cares for. */
public final class ContainerSpecs {

  private final String name;
  private final String image;
  private Optional<List<String>> command = Optional.empty();
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<Mount> mounts = new ArrayList<>();
  private final List<PortBinding> ports = new ArrayList<>();
  private final List<NetworkAttachment> networks = new ArrayList<>();

  private ContainerSpecs(String name, String image) {
    this.name = name;
    this.image = image;
  }

  public static ContainerSpecs container(String name, String image) {
    return new ContainerSpecs(name, image);
  }

  public ContainerSpecs command(String... words) {
    command = Optional.of(List.of(words));
    return this;
  }

  public ContainerSpecs label(String key, String value) {
    labels.put(key, value);
    return this;
  }

  public ContainerSpecs labels(Map<String, String> more) {
    labels.putAll(more);
    return this;
  }

  public ContainerSpecs environment(String key, String value) {
    environment.put(key, value);
    return this;
  }

  public ContainerSpecs volume(String volume, String target) {
    mounts.add(new Mount(Mount.Kind.VOLUME, volume, target, false));
    return this;
  }

  public ContainerSpecs bind(String source, String target) {
    mounts.add(new Mount(Mount.Kind.BIND, source, target, true));
    return this;
  }

  /** Publishes a TCP port on the loopback address; 0 for any free one. */
  public ContainerSpecs port(int hostPort, int containerPort) {
    ports.add(new PortBinding("127.0.0.1", hostPort, containerPort, "tcp"));
    return this;
  }

  public ContainerSpecs network(String network, String... aliases) {
    networks.add(new NetworkAttachment(network, List.of(aliases), Optional.empty()));
    return this;
  }

  public ContainerSpecs network(NetworkAttachment attachment) {
    networks.add(attachment);
    return this;
  }

  public ContainerSpec build() {
    return new ContainerSpec(
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
