/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the container engine holds, for the verify scripts of the test projects. */
public final class EngineContents {

  private static final String DIRECTORY_LABEL = "io.github.slurmmaven.directory";

  private EngineContents() {}

  /** Containers, networks and volumes of all clusters whose files are or were in a directory. */
  public static List<String> below(File directory) {
    String prefix = directory.getAbsolutePath() + File.separator;
    try (ContainerEngine engine = DockerEngine.connect(Environment.system())) {
      return Stream.of(
              engine.listContainers(Map.of()).stream()
                  .filter(container -> isBelow(prefix, container.labels()))
                  .map(container -> container.status() + " container " + container.name()),
              engine.listNetworks().stream()
                  .filter(network -> isBelow(prefix, network.labels()))
                  .map(network -> "network " + network.name()),
              engine.listVolumes(Map.of()).stream()
                  .filter(volume -> isBelow(prefix, volume.labels()))
                  .map(volume -> "volume " + volume.name()))
          .flatMap(contents -> contents)
          .toList();
    }
  }

  private static boolean isBelow(String prefix, Map<String, String> labels) {
    return labels.getOrDefault(DIRECTORY_LABEL, "").startsWith(prefix);
  }
}
