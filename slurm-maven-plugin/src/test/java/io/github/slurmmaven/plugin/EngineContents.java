/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.backend.embedded.EmbeddedBackend;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the container engine and this machine hold, for the verify scripts of the test projects. */
public final class EngineContents {

  private static final String DIRECTORY_LABEL = "io.github.slurmmaven.directory";

  private EngineContents() {}

  /**
   * Containers, networks, volumes, processes, links and entries in the user's list of all clusters
   * whose files are or were in a directory.
   */
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
                  .map(volume -> "volume " + volume.name()),
              processes(directory).stream(),
              links(prefix),
              entries(prefix))
          .flatMap(contents -> contents)
          .toList();
    }
  }

  /** Processes that were started with a path below the directory. */
  public static List<String> processes(File directory) {
    String prefix = directory.getAbsolutePath() + File.separator;
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .map(process -> Path.of("/proc", Long.toString(process.pid())))
        .filter(
            process ->
                Stream.of("cmdline", "environ").anyMatch(file -> holds(process, file, prefix)))
        .map(process -> "process " + text(process.resolve("cmdline")).replace('\0', ' '))
        .toList();
  }

  /** By which clusters of processes are reached whose path is too long for a socket. */
  private static Stream<String> links(String prefix) {
    File[] links = new File("/tmp").listFiles(file -> Files.isSymbolicLink(file.toPath()));
    return Stream.of(links == null ? new File[0] : links)
        .filter(link -> target(link.toPath()).startsWith(prefix))
        .map(link -> "link " + link);
  }

  /** Of a link that is gone, nothing. */
  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /** Clusters of processes that are known to this user. */
  private static Stream<String> entries(String prefix) {
    try (EmbeddedBackend backend =
        new EmbeddedBackend(
            BundleSource.classPath(), System.getenv(), SlurmCluster.DEFAULT_TIMEOUT)) {
      return backend.inventory().owners().keySet().stream()
          .map(ClusterId::directory)
          .filter(known -> known.toString().startsWith(prefix))
          .map(known -> "entry of " + known);
    }
  }

  private static boolean holds(Path process, String file, String prefix) {
    return text(process.resolve(file)).contains(prefix);
  }

  /** Of a process that is gone or another user's, nothing. */
  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean isBelow(String prefix, Map<String, String> labels) {
    return labels.getOrDefault(DIRECTORY_LABEL, "").startsWith(prefix);
  }
}
