/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Collects {@link ClusterParameters} of which a test only names what it cares for. */
public final class TestParameters {

  private final Path directory;
  private @Nullable String name;
  private @Nullable String preset;
  private @Nullable String slurmVersion;
  private @Nullable Integer cpusPerNode;
  private @Nullable Integer memoryPerNode;
  private @Nullable Integer port;
  private @Nullable String bindAddress;
  private @Nullable Boolean passwordLogin;
  private @Nullable String image;
  private @Nullable Path definition;
  private @Nullable ClusterDocument document;
  private @Nullable Integer cpuNodes;
  private @Nullable Integer gpuNodes;
  private @Nullable Integer gpusPerNode;
  private @Nullable Boolean withRegistry;
  private @Nullable Integer registryPort;
  private @Nullable String registryImage;
  private @Nullable Boolean withPyxis;
  private @Nullable String pyxisUrl;
  private @Nullable String pyxisSha256;
  private @Nullable String enrootUrl;
  private @Nullable String enrootSha256;
  private @Nullable String pyxisHelpers;

  public TestParameters() {
    this(Path.of(""));
  }

  /** With a directory where relative paths begin. */
  public TestParameters(Path directory) {
    this.directory = directory;
  }

  /** The parameter as the user calls it, with a value of the parameter's own type. */
  public TestParameters with(String parameter, Object value) {
    switch (parameter) {
      case "name" -> name = (String) value;
      case "preset" -> preset = (String) value;
      case "slurmVersion" -> slurmVersion = (String) value;
      case "cpusPerNode" -> cpusPerNode = (Integer) value;
      case "memoryPerNode" -> memoryPerNode = (Integer) value;
      case "port" -> port = (Integer) value;
      case "bindAddress" -> bindAddress = (String) value;
      case "passwordLogin" -> passwordLogin = (Boolean) value;
      case "image" -> image = (String) value;
      case "definition" -> definition = (Path) value;
      case "document" -> document = (ClusterDocument) value;
      case "cpuNodes" -> cpuNodes = (Integer) value;
      case "gpuNodes" -> gpuNodes = (Integer) value;
      case "gpusPerNode" -> gpusPerNode = (Integer) value;
      case "withRegistry" -> withRegistry = (Boolean) value;
      case "registryPort" -> registryPort = (Integer) value;
      case "registryImage" -> registryImage = (String) value;
      case "withPyxis" -> withPyxis = (Boolean) value;
      case "pyxisUrl" -> pyxisUrl = (String) value;
      case "pyxisSha256" -> pyxisSha256 = (String) value;
      case "enrootUrl" -> enrootUrl = (String) value;
      case "enrootSha256" -> enrootSha256 = (String) value;
      case "pyxisHelpers" -> pyxisHelpers = (String) value;
      default -> throw new IllegalArgumentException("no parameter " + parameter);
    }
    return this;
  }

  public ClusterParameters build() {
    return new ClusterParameters(
        directory,
        name,
        preset,
        definition,
        document,
        slurmVersion,
        cpuNodes,
        gpuNodes,
        cpusPerNode,
        gpusPerNode,
        memoryPerNode,
        port,
        bindAddress,
        passwordLogin,
        image,
        withRegistry,
        registryPort,
        registryImage,
        new PyxisParameters(
            withPyxis, pyxisUrl, pyxisSha256, enrootUrl, enrootSha256, pyxisHelpers));
  }

  public ClusterDefinition toSpec() {
    return build().toSpec();
  }
}
