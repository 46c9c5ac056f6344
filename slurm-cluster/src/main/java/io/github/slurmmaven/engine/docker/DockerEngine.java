/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.Info;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.engine.ArchiveReader;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.EngineProgress;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.engine.ProjectBuild;
import io.github.slurmmaven.engine.VolumeSummary;
import io.github.slurmmaven.engine.endpoint.EngineLocator;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A Docker Engine, or Podman through its Docker API, on docker-java. */
public final class DockerEngine implements ContainerEngine {

  private final EngineConnection connection;
  private final Images images;
  private final Networks networks;
  private final Volumes volumes;
  private final Containers containers;
  private @Nullable EngineInfo info;

  private DockerEngine(EngineConnection connection) {
    this.connection = connection;
    images = new Images(connection);
    networks = new Networks(connection);
    volumes = new Volumes(connection);
    containers = new Containers(connection);
  }

  /**
   * Loads the classes of a first connection in advance, which takes longer than all of its
   * requests.
   *
   * @throws IOException if docker-java fails, as the connection then does
   */
  public static void prepare() throws IOException {
    Rehearsal.run();
  }

  /**
   * Connects to the engine that the docker CLI would use, or to one at a usual address.
   *
   * @throws NoEngineException if no engine answers
   * @throws EngineException if the engine is too old or too new
   */
  public static DockerEngine connect(Environment environment) {
    return connect(environment, EngineTimeouts.DEFAULT, Optional.empty());
  }

  /**
   * As {@link #connect(Environment)}, and reports requests.
   *
   * @param timeout the user's limit for a start, from which the engine's limits are derived
   * @param requests receives a line before each request, without secrets; called from several
   *     threads
   */
  public static DockerEngine connect(
      Environment environment, Duration timeout, Consumer<String> requests) {
    return connect(environment, EngineTimeouts.of(timeout), Optional.of(requests));
  }

  static DockerEngine connect(
      Environment environment, EngineTimeouts timeouts, Optional<Consumer<String>> requests) {
    return new DockerEngine(
        EngineLocator.connect(
            environment,
            timeouts.connect(),
            (endpoint, limit) ->
                EngineConnection.open(endpoint, environment, timeouts, limit, requests)));
  }

  @Override
  public synchronized EngineInfo info() {
    EngineInfo known = info;
    if (known == null) {
      Info answer =
          connection.ask(
              "cannot ask the engine for its capacity", () -> connection.client().infoCmd().exec());
      Integer cpus = answer.getNCPU();
      Long memory = answer.getMemTotal();
      known =
          new EngineInfo(
              EngineConnection.productOf(connection.version()),
              connection.apiVersion().getVersion(),
              connection.endpoint().description(),
              publishedHost(),
              architecture(answer.getArchitecture()),
              cpus == null ? 1 : cpus,
              memory == null ? 0 : memory);
      info = known;
    }
    return known;
  }

  /**
   * Converts the architecture to Debian's name. Docker reports the kernel's name, Podman Debian's.
   */
  private static String architecture(@Nullable String said) {
    return said == null || said.equals("x86_64")
        ? "amd64"
        : said.equals("aarch64") ? "arm64" : said;
  }

  private String publishedHost() {
    String host = connection.endpoint().uri().getHost();
    boolean local =
        !connection.endpoint().uri().getScheme().equals("tcp")
            || host == null
            || host.equals("localhost")
            // Other addresses of the loopback network are used for tunnels.
            || host.equals("127.0.0.1")
            || host.equals("[::1]");
    return local ? "127.0.0.1" : String.valueOf(host);
  }

  @Override
  public Optional<String> findImage(String reference) {
    return images.find(reference);
  }

  @Override
  public List<String> listImages(String repository) {
    return images.list(repository);
  }

  @Override
  public void removeImage(String reference) {
    images.remove(reference);
  }

  @Override
  public void tagImage(String reference, String target) {
    images.tag(reference, target);
  }

  @Override
  public void pullImage(String reference, EngineProgress progress) {
    images.pull(reference, progress);
  }

  @Override
  public void buildImage(ImageBuild build, EngineProgress progress) {
    images.build(build, progress);
  }

  @Override
  public void buildImage(ProjectBuild build, EngineProgress progress) {
    images.build(build, progress);
  }

  @Override
  public List<String> loadImages(InputStream archive) {
    return images.load(archive);
  }

  @Override
  public void saveImage(String reference, OutputStream archive) {
    images.save(reference, archive);
  }

  @Override
  public void pushImage(String reference, String target, EngineProgress progress) {
    images.push(reference, target, progress);
  }

  @Override
  public String createNetwork(NetworkDefinition network) {
    return networks.create(network);
  }

  @Override
  public List<NetworkSummary> listNetworks() {
    return networks.list();
  }

  @Override
  public void removeNetwork(String idOrName) {
    networks.remove(idOrName);
  }

  @Override
  public void leaveNetwork(String id, String network) {
    containers.leave(id, network);
  }

  @Override
  public void joinNetwork(String id, NetworkAttachment attachment) {
    containers.join(id, attachment);
  }

  @Override
  public void createVolume(String name, Map<String, String> labels) {
    volumes.create(name, labels);
  }

  @Override
  public List<VolumeSummary> listVolumes(Map<String, String> labels) {
    return volumes.list(labels);
  }

  @Override
  public void removeVolume(String name) {
    volumes.remove(name);
  }

  @Override
  public String createContainer(ContainerDefinition container) {
    return containers.create(container);
  }

  @Override
  public void startContainer(String id) {
    containers.start(id);
  }

  @Override
  public void stopContainer(String id, Duration grace) {
    containers.stop(id, grace);
  }

  @Override
  public void removeContainer(String id) {
    containers.remove(id);
  }

  @Override
  public ContainerState inspectContainer(String id) {
    return containers.inspect(id);
  }

  @Override
  public List<ContainerSummary> listContainers(Map<String, String> labels) {
    return containers.list(labels);
  }

  @Override
  public Subscription watchExit(String id, Consumer<Integer> onExit) {
    return containers.watchExit(id, onExit);
  }

  @Override
  public int exec(String id, ExecCommand command, CommandOutput output, Duration timeout) {
    return containers.exec(id, command, output, timeout);
  }

  @Override
  public int terminal(String id, ExecCommand command, Terminal terminal) {
    return containers.terminal(id, command, terminal);
  }

  @Override
  public void copyTo(String id, String directory, InputStream tar) {
    containers.copyTo(id, directory, tar);
  }

  @Override
  public void copyFrom(String id, String path, ArchiveReader reader) throws IOException {
    containers.copyFrom(id, path, reader);
  }

  @Override
  public void logs(String id, LogRequest request, Consumer<String> lines) {
    containers.logs(id, request, lines);
  }

  @Override
  public void close() {
    connection.close();
  }
}
