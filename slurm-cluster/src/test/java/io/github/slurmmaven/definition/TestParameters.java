/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Collects {@link ClusterParameters} by the names that a user knows. */
public final class TestParameters {

  private final ClusterParameters.Builder builder;

  public TestParameters() {
    this(Path.of(""));
  }

  /** With a directory where relative paths begin. */
  public TestParameters(Path directory) {
    builder = ClusterParameters.builder().directory(directory);
  }

  /** The parameter as the user calls it, with a value of the parameter's own type. */
  public TestParameters with(String parameter, Object value) {
    switch (parameter) {
      case "name" -> builder.name((String) value);
      case "preset" -> builder.preset((String) value);
      case "accounting", "clockSpeed", "jobClock", "pbsCommands", "rest", "restPort" ->
          builder.value(parameter, value);
      case "slurmVersion" -> builder.slurm(slurm -> slurm.slurmVersion((String) value));
      case "slurmSource" -> builder.slurm(slurm -> slurm.slurmSource((String) value));
      case "slurmSourceSha256" -> builder.slurm(slurm -> slurm.slurmSourceSha256((String) value));
      case "cpusPerNode" -> builder.nodes(nodes -> nodes.cpusPerNode((Integer) value));
      case "memoryPerNode" -> builder.nodes(nodes -> nodes.memoryPerNode((Integer) value));
      case "port" -> builder.ssh(ssh -> ssh.port((Integer) value));
      case "bindAddress" -> builder.ssh(ssh -> ssh.bindAddress((String) value));
      case "passwordLogin" -> builder.ssh(ssh -> ssh.passwordLogin((Boolean) value));
      case "image" -> builder.image((String) value);
      case "imageRepository" -> builder.imageRepository((String) value);
      case "slurmFiles" -> builder.slurmFiles((Path) value);
      case "definition" -> builder.definition((Path) value);
      case "document" -> builder.document((ClusterDocument) value);
      case "packages" ->
          builder.document(
              ClusterDocument.parse(
                  parameter,
                  ((List<?>) value)
                      .stream()
                          .map(String::valueOf)
                          .collect(Collectors.joining(", ", "packages: [", "]"))));
      case "cpuNodes" -> builder.nodes(nodes -> nodes.cpuNodes((Integer) value));
      case "gpuNodes" -> builder.nodes(nodes -> nodes.gpuNodes((Integer) value));
      case "gpusPerNode" -> builder.nodes(nodes -> nodes.gpusPerNode((Integer) value));
      case "withRegistry" -> builder.registry(registry -> registry.withRegistry((Boolean) value));
      case "registryPort" -> builder.registry(registry -> registry.registryPort((Integer) value));
      case "registryImage" -> builder.registry(registry -> registry.registryImage((String) value));
      case "withPyxis" -> builder.pyxis(pyxis -> pyxis.withPyxis((Boolean) value));
      case "pyxisUrl" -> builder.pyxis(pyxis -> pyxis.pyxisUrl((String) value));
      case "pyxisSha256" -> builder.pyxis(pyxis -> pyxis.pyxisSha256((String) value));
      case "enrootUrl" -> builder.pyxis(pyxis -> pyxis.enrootUrl((String) value));
      case "enrootSha256" -> builder.pyxis(pyxis -> pyxis.enrootSha256((String) value));
      case "pyxisHelpers" -> builder.pyxis(pyxis -> pyxis.pyxisHelpers((String) value));
      default -> throw new IllegalArgumentException("no parameter " + parameter);
    }
    return this;
  }

  public ClusterParameters build() {
    return builder.build();
  }

  public ClusterDefinition toDefinition() {
    return build().toDefinition();
  }
}
