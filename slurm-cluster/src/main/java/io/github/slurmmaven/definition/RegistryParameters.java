/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Parameters of the container registry; null means the preset's value. */
public final class RegistryParameters {

  private @Nullable Boolean withRegistry;
  private @Nullable Integer registryPort;
  private @Nullable String registryImage;

  /** Whether there is a container registry. */
  public RegistryParameters withRegistry(@Nullable Boolean registry) {
    withRegistry = registry;
    return this;
  }

  /** Port of the registry on the host, 0 for any free one; default 5000 or the next free one. */
  public RegistryParameters registryPort(@Nullable Integer port) {
    registryPort = port;
    return this;
  }

  /** Image of the registry; default registry:2. */
  public RegistryParameters registryImage(@Nullable String image) {
    registryImage = image;
    return this;
  }

  List<ParameterChange> changes() {
    List<ParameterChange> changes = new ArrayList<>();
    Boolean wanted = withRegistry;
    if (wanted != null) {
      changes.add(
          change(
              "withRegistry",
              wanted,
              there ->
                  wanted
                      ? there.or(
                          () ->
                              Optional.of(
                                  new RegistryDefinition(
                                      RegistryDefinition.DEFAULT_IMAGE, OptionalInt.empty())))
                      : Optional.empty(),
              Optional::isPresent));
    }
    Integer port = registryPort;
    if (port != null) {
      Checks.port("registryPort", port);
      changes.add(
          change(
              "registryPort",
              port,
              there ->
                  required(there, "registryPort", port)
                      .map(
                          registry ->
                              new RegistryDefinition(registry.image(), OptionalInt.of(port))),
              there ->
                  there
                      .<Object>map(registry -> ParameterChange.words(registry.port()))
                      .orElse("no registry")));
    }
    String image = registryImage;
    if (image != null) {
      Checks.image("registryImage", image);
      changes.add(
          change(
              "registryImage",
              image,
              there ->
                  required(there, "registryImage", image)
                      .map(registry -> new RegistryDefinition(image, registry.port())),
              there -> there.map(RegistryDefinition::image).orElse("no registry")));
    }
    return changes;
  }

  private static Optional<RegistryDefinition> required(
      Optional<RegistryDefinition> registry, String parameter, Object value) {
    if (registry.isEmpty()) {
      throw new InvalidParameterException(
          parameter, value, "needs a registry: set withRegistry, or use the preset full");
    }
    return registry;
  }

  private static ParameterChange change(
      String parameter,
      Object value,
      UnaryOperator<Optional<RegistryDefinition>> change,
      Function<Optional<RegistryDefinition>, Object> existing) {
    return new ParameterChange(
        parameter,
        value,
        definition ->
            definition.withAccess(
                definition.image(), definition.ssh(), change.apply(definition.registry())),
        definition -> existing.apply(definition.registry()));
  }
}
