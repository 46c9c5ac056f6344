/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageCmd;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.LogContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.InternalServerErrorException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.LibraryLogs;
import io.github.slurmmaven.common.LineSplitter;
import io.github.slurmmaven.engine.ArchiveReader;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.EngineProgress;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.engine.ProjectBuild;
import io.github.slurmmaven.engine.VolumeSummary;
import io.github.slurmmaven.engine.endpoint.DockerCliConfig;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint;
import io.github.slurmmaven.engine.endpoint.EngineLocator;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import io.github.slurmmaven.engine.endpoint.RegistryCredentials.Credentials;
import io.github.slurmmaven.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A Docker Engine, or Podman through its Docker API, on docker-java. */
public final class DockerEngine implements ContainerEngine {

  private static final int LONGEST_COMMAND = 80;

  /** The newest API version that docker-java 3.7 models, and the one Engine 29 still accepts. */
  private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;

  /** The oldest API version (Docker 19.03) that has all that is asked for here. */
  private static final RemoteApiVersion OLDEST = RemoteApiVersion.VERSION_1_40;

  private static final Duration POLL = Duration.ofMillis(20);

  private static final int SHORT_ID_LENGTH = 12;

  private final EngineEndpoint endpoint;
  private final Environment environment;
  private final DockerClient client;
  private final EngineTimeouts timeouts;
  private final Failures failures;
  private final Requests requests;
  private final Heartbeat heartbeat;
  private final DirectRequests direct;
  private final Commands commands;
  private final Version version;
  private final RemoteApiVersion apiVersion;
  private @Nullable EngineInfo info;

  private DockerEngine(
      EngineEndpoint endpoint,
      Environment environment,
      DockerClient client,
      DirectRequests direct,
      EngineTimeouts timeouts,
      Failures failures,
      Requests requests,
      Version version,
      RemoteApiVersion apiVersion) {
    this.endpoint = endpoint;
    this.environment = environment;
    this.client = client;
    this.failures = failures;
    this.requests = requests;
    this.direct = direct;
    this.timeouts = timeouts;
    this.heartbeat = new Heartbeat(client, requests, timeouts);
    this.commands = new Commands(client, direct, requests, failures, heartbeat, timeouts);
    this.version = version;
    this.apiVersion = apiVersion;
  }

  /**
   * Connects to the engine that the docker CLI would use, or to one in a usual place.
   *
   * @throws NoEngineException if none answers
   * @throws EngineException if the one that answers is too old or too new
   */
  public static DockerEngine connect(Environment environment) {
    return connect(environment, EngineTimeouts.DEFAULT, Optional.empty());
  }

  /**
   * As {@link #connect(Environment)}, and tells what it asks of the engine.
   *
   * @param timeout the time that the user allows for a start, from which the engine's limits follow
   * @param requests hears one line a request before it is sent, without any secret; called from
   *     several threads at once
   */
  public static DockerEngine connect(
      Environment environment, Duration timeout, Consumer<String> requests) {
    return connect(environment, EngineTimeouts.of(timeout), Optional.of(requests));
  }

  static DockerEngine connect(
      Environment environment, EngineTimeouts timeouts, Optional<Consumer<String>> requests) {
    return EngineLocator.connect(
        environment,
        timeouts.connect(),
        (endpoint, limit) -> open(endpoint, environment, timeouts, limit, requests));
  }

  private static DockerEngine open(
      EngineEndpoint endpoint,
      Environment environment,
      EngineTimeouts timeouts,
      Duration connectLimit,
      Optional<Consumer<String>> requestLines)
      throws IOException {
    LibraryLogs.onlyErrors("com.github.dockerjava");
    // Side by side: each loads hundreds of classes, the longest part of a connect.
    CompletableFuture<DockerHttpClient> transport = transport(endpoint, timeouts.connect());
    EngineClientConfig config = new EngineClientConfig(endpoint.uri());
    config.getObjectMapper().readerFor(Version.class);
    Failures failures = new Failures(endpoint.description(), config.getObjectMapper());
    Requests requests = new Requests(failures);
    DockerHttpClient http =
        requestLines
            .<DockerHttpClient>map(
                lines -> new RequestLog(transport.join(), config.getObjectMapper(), lines))
            .orElseGet(transport::join);
    DockerClient client = DockerClientImpl.getInstance(config, http);
    boolean connected = false;
    try {
      Version version =
          requests.ask(
              "cannot ask for the version", connectLimit, () -> client.versionCmd().exec());
      RemoteApiVersion apiVersion = negotiate(endpoint, version);
      config.pin(apiVersion);
      connected = true;
      return new DockerEngine(
          endpoint,
          environment,
          Podman.answers(version)
              ? DockerClientImpl.getInstance(config, Podman.pushingToLoopback(http))
              : client,
          new DirectRequests(http, config.getObjectMapper(), apiVersion),
          timeouts,
          failures,
          requests,
          version,
          apiVersion);
    } catch (EngineException e) {
      throw asIoFailure(e, failures, connectLimit);
    } finally {
      if (!connected) {
        requests.close();
        client.close();
      }
    }
  }

  private static CompletableFuture<DockerHttpClient> transport(
      EngineEndpoint endpoint, Duration connectLimit) throws IOException {
    ZerodepDockerHttpClient.Builder transport =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(endpoint.uri())
            .connectionTimeout(connectLimit);
    if (endpoint.tls().isPresent()) {
      SSLContext tls = TlsContext.of(endpoint.tls().get());
      transport.sslConfig(() -> tls);
    } else if (!endpoint.uri().getScheme().equals("tcp")) {
      transport.sslConfig(NoTls::new);
    }
    return CompletableFuture.supplyAsync(transport::build);
  }

  /** No engine there is a reason to look elsewhere; an engine that does not fit is not. */
  private static IOException asIoFailure(
      EngineException failure, Failures failures, Duration connectLimit) {
    Throwable cause = failure.getCause();
    if (cause == null) {
      throw failure;
    }
    IOException io = Failures.ioCause(cause);
    if (io != null) {
      return io;
    }
    if (cause instanceof TimeoutException) {
      return new IOException(
          "no answer within %d s; an engine that is only slow needs a longer timeout"
              .formatted(connectLimit.toSeconds()),
          failure);
    }
    if (cause instanceof DockerException refusal) {
      return new IOException(failures.words(refusal), failure);
    }
    throw failure;
  }

  private static RemoteApiVersion negotiate(EngineEndpoint endpoint, Version version) {
    RemoteApiVersion newest = apiVersion(endpoint, version, version.getApiVersion());
    String minimum = version.getMinAPIVersion();
    RemoteApiVersion oldest =
        minimum == null || minimum.isEmpty() ? OLDEST : apiVersion(endpoint, version, minimum);
    boolean tooOld = OLDEST.isGreater(newest);
    if (tooOld || oldest.isGreater(NEWEST)) {
      throw new EngineException(
          Kind.OTHER,
          "%s at %s is too %s: it speaks API versions %s to %s, but %s to %s are spoken here. %s"
              .formatted(
                  productOf(version),
                  endpoint.description(),
                  tooOld ? "old" : "new",
                  oldest.getVersion(),
                  newest.getVersion(),
                  OLDEST.getVersion(),
                  NEWEST.getVersion(),
                  tooOld
                      ? "Update the engine"
                      : "Use a newer version of slurm-maven-plugin, or an older one of the engine"),
          null);
    }
    return newest.isGreater(NEWEST) ? NEWEST : newest;
  }

  private static RemoteApiVersion apiVersion(
      EngineEndpoint endpoint, Version version, @Nullable String said) {
    try {
      return RemoteApiVersion.parseConfig(String.valueOf(said));
    } catch (IllegalArgumentException e) {
      throw new EngineException(
          Kind.OTHER,
          "%s at %s says that it speaks API version '%s', which is none that is known here"
              .formatted(productOf(version), endpoint.description(), said),
          e);
    }
  }

  private static String productOf(Version version) {
    return (Podman.answers(version) ? "Podman " : "Docker Engine ") + version.getVersion();
  }

  @Override
  public synchronized EngineInfo info() {
    EngineInfo known = info;
    if (known == null) {
      Info answer =
          requests.ask(
              "cannot ask the engine for its capacity",
              timeouts.answer(),
              () -> client.infoCmd().exec());
      Integer cpus = answer.getNCPU();
      Long memory = answer.getMemTotal();
      known =
          new EngineInfo(
              productOf(version),
              apiVersion.getVersion(),
              endpoint.description(),
              publishedHost(),
              architecture(answer.getArchitecture()),
              cpus == null ? 1 : cpus,
              memory == null ? 0 : memory);
      info = known;
    }
    return known;
  }

  /** Docker says it in the kernel's words, Podman in Debian's. */
  private static String architecture(@Nullable String said) {
    return said == null || said.equals("x86_64")
        ? "amd64"
        : said.equals("aarch64") ? "arm64" : said;
  }

  private String publishedHost() {
    String host = endpoint.uri().getHost();
    boolean local =
        !endpoint.uri().getScheme().equals("tcp")
            || host == null
            || host.equals("localhost")
            // Others of its network are the ends of tunnels: what binds one has a reason.
            || host.equals("127.0.0.1")
            || host.equals("[::1]");
    return local ? "127.0.0.1" : String.valueOf(host);
  }

  @Override
  public Optional<String> findImage(String reference) {
    return requests.ask(
        "cannot look for image " + reference,
        timeouts.answer(),
        () -> {
          try {
            return Optional.of(client.inspectImageCmd(reference).exec().getId());
          } catch (NotFoundException e) {
            return Optional.empty();
          }
        });
  }

  @Override
  public List<String> listImages(String repository) {
    return requests.ask(
        "cannot list the images of " + repository,
        timeouts.answer(),
        () ->
            client.listImagesCmd().withReferenceFilter(repository).exec().stream()
                .map(Image::getRepoTags)
                .filter(Objects::nonNull)
                .flatMap(Arrays::stream)
                .map(ImageNames::familiar)
                .filter(reference -> reference.startsWith(repository + ":"))
                .toList());
  }

  @Override
  public void removeImage(String reference) {
    change(
        "cannot remove image " + reference,
        timeouts.answer(),
        () -> unlessGone(() -> client.removeImageCmd(reference).exec()));
  }

  @Override
  public void pullImage(String reference, EngineProgress progress) {
    String doing = "cannot pull image " + reference;
    int tagAt = reference.indexOf(':', reference.lastIndexOf('/') + 1);
    boolean digest = reference.contains("@");
    var pull =
        client
            .pullImageCmd(digest || tagAt < 0 ? reference : reference.substring(0, tagAt))
            .withTag(digest ? "" : tagAt < 0 ? "latest" : reference.substring(tagAt + 1));
    DockerCliConfig.read(environment)
        .credentials()
        .forImage(reference)
        .ifPresent(credentials -> pull.withAuthConfig(authConfig(credentials)));
    try (PullOutput output = new PullOutput(progress)) {
      pull.<EngineStream<PullResponseItem>>exec(output);
      awaitEnd(doing, output);
      output
          .error()
          .ifPresent(
              error -> {
                throw new EngineException(
                    error.contains("not found") || error.contains("does not exist")
                        ? Kind.NOT_FOUND
                        : Kind.OTHER,
                    doing + ": " + error,
                    null);
              });
    }
  }

  @Override
  public void buildImage(ImageBuild build, EngineProgress progress) {
    build(
        build.tag(),
        client
            .buildImageCmd(new ByteArrayInputStream(TarArchive.of(build.files())))
            .withDockerfilePath(build.dockerfile())
            .withTarget(build.target())
            .withLabels(build.labels()),
        build.buildArgs(),
        progress);
  }

  @Override
  public void buildImage(ProjectBuild build, EngineProgress progress) {
    BuildImageCmd command =
        client
            .buildImageCmd(build.dockerfile().toFile())
            .withBaseDirectory(build.context().toFile());
    build.target().ifPresent(command::withTarget);
    build(build.tag(), command, build.buildArgs(), progress);
  }

  private void build(
      String tag, BuildImageCmd command, Map<String, String> buildArgs, EngineProgress progress) {
    String doing = "cannot build image " + tag;
    DockerCliConfig config = DockerCliConfig.read(environment);
    command.withTags(Set.of(tag)).withRemove(true).withForcerm(true);
    config.proxies(endpoint).forEach(command::withBuildArg);
    buildArgs.forEach(command::withBuildArg);
    AuthConfigurations registries = new AuthConfigurations();
    config.credentials().all(progress::line).values().stream()
        .map(DockerEngine::authConfig)
        .forEach(registries::addConfig);
    command.withBuildAuthConfigs(registries);
    try (BuildOutput output = new BuildOutput(progress)) {
      command.exec(output);
      awaitEnd(doing, output);
      output
          .error()
          .ifPresent(
              error -> {
                throw new EngineException(Kind.BUILD_FAILED, doing + ": " + error, null);
              });
    } catch (EngineException e) {
      // Refused before the first step: no Dockerfile, or one that cannot be parsed.
      if (e.getCause() instanceof DockerException) {
        throw new EngineException(Kind.BUILD_FAILED, String.valueOf(e.getMessage()), e.getCause());
      }
      throw e;
    }
  }

  @Override
  public List<String> loadImages(InputStream archive) {
    String doing = "cannot load the images of an archive";
    try (LoadOutput output = new LoadOutput()) {
      client.loadImageAsyncCmd(archive).exec(output);
      awaitEnd(doing, output);
      throwIfSaid(doing, output.error());
      return output.names();
    }
  }

  @Override
  public void saveImage(String reference, OutputStream archive) {
    String doing = "cannot save image " + reference;
    try (InputStream tar = client.saveImageCmd(reference).exec()) {
      tar.transferTo(archive);
    } catch (IOException | DockerException e) {
      throw failures.translate(doing, e);
    }
  }

  @Override
  public void pushImage(String reference, String target, EngineProgress progress) {
    String doing = "cannot push image " + reference + " as " + target;
    int colon = target.lastIndexOf(':');
    change(
        doing,
        timeouts.answer(),
        () ->
            client
                .tagImageCmd(reference, target.substring(0, colon), target.substring(colon + 1))
                .exec());
    try (PushOutput output = new PushOutput(progress)) {
      client.pushImageCmd(target).exec(output);
      awaitEnd(doing, output);
      throwIfSaid(doing, output.error());
    } finally {
      // Also after an interrupt, of which the caller still hears.
      boolean interrupted = Thread.interrupted();
      removeImage(target);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void throwIfSaid(String doing, Optional<String> error) {
    error.ifPresent(
        words -> {
          throw new EngineException(Kind.OTHER, doing + ": " + words, null);
        });
  }

  private static AuthConfig authConfig(Credentials credentials) {
    AuthConfig config = new AuthConfig().withRegistryAddress(credentials.registry());
    return credentials.identityToken()
        ? config.withIdentityToken(credentials.password())
        : config.withUsername(credentials.username()).withPassword(credentials.password());
  }

  private void awaitEnd(String doing, EngineStream<?> stream) {
    try {
      heartbeat.await(doing, stream);
    } catch (InterruptedException e) {
      throw Requests.interrupted(doing, e);
    }
    stream.throwIfBroken(doing, failures);
  }

  @Override
  public String createNetwork(NetworkDefinition network) {
    Network.Ipam.Config addresses = new Network.Ipam.Config();
    network.subnet().ifPresent(addresses::withSubnet);
    network.gateway().ifPresent(addresses::withGateway);
    boolean chosen = network.subnet().isPresent() || network.gateway().isPresent();
    return requests.ask(
        "cannot create network "
            + network.name()
            + network.subnet().map(subnet -> " with subnet " + subnet).orElse(""),
        timeouts.answer(),
        () -> {
          var create =
              client
                  .createNetworkCmd()
                  .withName(network.name())
                  .withDriver("bridge")
                  .withCheckDuplicate(true)
                  .withLabels(network.labels());
          if (chosen) {
            create.withIpam(new Network.Ipam().withConfig(addresses));
          }
          return create.exec().getId();
        });
  }

  @Override
  public List<NetworkSummary> listNetworks() {
    return requests.ask(
        "cannot list networks",
        timeouts.answer(),
        () -> client.listNetworksCmd().exec().stream().map(DockerEngine::summary).toList());
  }

  private static NetworkSummary summary(Network network) {
    Network.Ipam ipam = network.getIpam();
    List<Network.Ipam.Config> configs = ipam == null ? null : ipam.getConfig();
    return new NetworkSummary(
        network.getId(),
        network.getName(),
        configs == null
            ? List.of()
            : configs.stream()
                .map(Network.Ipam.Config::getSubnet)
                .filter(subnet -> subnet != null && !subnet.isEmpty())
                .toList(),
        ContainerAnswers.orEmpty(network.getLabels()));
  }

  @Override
  public void removeNetwork(String idOrName) {
    change(
        "cannot remove network " + shortId(idOrName),
        timeouts.answer(),
        () -> unlessGone(() -> client.removeNetworkCmd(idOrName).exec()));
  }

  @Override
  public void leaveNetwork(String id, String network) {
    if (inspectContainer(id).addresses().containsKey(network)) {
      change(
          "cannot disconnect container " + shortId(id) + " from network " + network,
          timeouts.answer(),
          () ->
              client.disconnectFromNetworkCmd().withContainerId(id).withNetworkId(network).exec());
    }
  }

  @Override
  public void joinNetwork(String id, NetworkAttachment attachment) {
    join(shortId(id), id, attachment);
  }

  @Override
  public void createVolume(String name, Map<String, String> labels) {
    change(
        "cannot create volume " + name,
        timeouts.answer(),
        () -> client.createVolumeCmd().withName(name).withLabels(labels).exec());
  }

  @Override
  public List<VolumeSummary> listVolumes(Map<String, String> labels) {
    return requests.ask(
        "cannot list volumes",
        timeouts.answer(),
        () -> {
          var list = client.listVolumesCmd();
          if (!labels.isEmpty()) {
            list.withFilter("label", labelFilter(labels));
          }
          var volumes = list.exec().getVolumes();
          return volumes == null
              ? List.<VolumeSummary>of()
              : volumes.stream()
                  .map(
                      volume ->
                          new VolumeSummary(
                              volume.getName(), ContainerAnswers.orEmpty(volume.getLabels())))
                  .toList();
        });
  }

  /** The engine takes {@code key=} for a label without a value, and {@code key} for any. */
  private static List<String> labelFilter(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(
            label ->
                label.getValue().isEmpty()
                    ? label.getKey()
                    : label.getKey() + "=" + label.getValue())
        .toList();
  }

  @Override
  public void removeVolume(String name) {
    change(
        "cannot remove volume " + name,
        timeouts.answer(),
        () -> unlessGone(() -> client.removeVolumeCmd(name).exec()));
  }

  @Override
  public String createContainer(ContainerDefinition container) {
    String id =
        requests.ask(
            "cannot create container " + container.name(),
            timeouts.answer(),
            () -> creation(container).exec().getId());
    try {
      container.networks().stream().skip(1).forEach(network -> join(container.name(), id, network));
    } catch (EngineException e) {
      try {
        removeContainer(id);
      } catch (EngineException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
    return id;
  }

  private CreateContainerCmd creation(ContainerDefinition container) {
    CreateContainerCmd create = ContainerRequests.create(client, container);
    HostConfig host = create.getHostConfig();
    if (host != null && Podman.answers(version)) {
      Podman.addDockersCapabilities(host);
    }
    return create;
  }

  private void join(String container, String id, NetworkAttachment attachment) {
    change(
        "cannot connect container " + container + " to network " + attachment.network(),
        timeouts.answer(),
        () ->
            client
                .connectToNetworkCmd()
                .withContainerId(id)
                .withNetworkId(attachment.network())
                .withContainerNetwork(ContainerRequests.endpoint(attachment))
                .exec());
  }

  @Override
  public void startContainer(String id) {
    change(
        "cannot start container " + shortId(id),
        timeouts.answer(),
        () -> unlessSo(() -> client.startContainerCmd(id).exec()));
  }

  @Override
  public void stopContainer(String id, Duration grace) {
    // Rounded up: the engine counts in seconds, and 0 would be SIGKILL at once.
    int seconds = Math.toIntExact(grace.plusMillis(999).toSeconds());
    change(
        "cannot stop container " + shortId(id),
        timeouts.answer().plusSeconds(seconds),
        () -> unlessSo(() -> client.stopContainerCmd(id).withTimeout(seconds).exec()));
  }

  @Override
  public void removeContainer(String id) {
    String doing = "cannot remove container " + shortId(id);
    change(doing, timeouts.answer(), () -> unlessGone(() -> forceRemove(id)));
  }

  private @Nullable Void forceRemove(String id) throws InterruptedException {
    long deadline = System.nanoTime() + timeouts.filesFree().toNanos();
    while (true) {
      try {
        return client.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
      } catch (ConflictException e) {
        // Someone else is at it; it is gone when the engine says so.
        if (!failures.words(e).contains("already in progress")) {
          throw e;
        }
      } catch (InternalServerErrorException e) {
        // They are mounted still, maybe in another program's view of the machine's mounts.
        if (!failures.words(e).contains("failed to remove root filesystem")
            || System.nanoTime() > deadline) {
          throw e;
        }
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  @Override
  public ContainerState inspectContainer(String id) {
    return requests.ask(
        "cannot inspect container " + shortId(id),
        timeouts.answer(),
        () -> ContainerAnswers.state(client.inspectContainerCmd(id).exec()));
  }

  @Override
  public List<ContainerSummary> listContainers(Map<String, String> labels) {
    return requests.ask(
        "cannot list containers",
        timeouts.answer(),
        () -> {
          var list = client.listContainersCmd().withShowAll(true);
          if (!labels.isEmpty()) {
            list.withLabelFilter(labelFilter(labels));
          }
          return list.exec().stream().map(ContainerAnswers::summary).toList();
        });
  }

  @Override
  public Subscription watchExit(String id, Consumer<Integer> onExit) {
    ExitWatch watch = new ExitWatch(requests, onExit);
    client.waitContainerCmd(id).exec(watch);
    return watch.subscription();
  }

  /** A whole script is no help in a message. */
  private static String firstLine(List<String> command) {
    String line = String.join(" ", command).lines().findFirst().orElse("");
    return line.length() > LONGEST_COMMAND ? line.substring(0, LONGEST_COMMAND) + "…" : line;
  }

  private static String running(ExecCommand command, String id) {
    return "cannot run '" + firstLine(command.command()) + "' in container " + shortId(id);
  }

  @Override
  public int exec(String id, ExecCommand command, CommandOutput output, Duration timeout) {
    return commands.run(running(command, id), id, command, output, timeout);
  }

  @Override
  public int terminal(String id, ExecCommand command, Terminal terminal) {
    return commands.runInTerminal(running(command, id), id, command, terminal);
  }

  @Override
  public void copyTo(String id, String directory, InputStream tar) {
    change(
        "cannot copy into " + directory + " of container " + id,
        timeouts.answer(),
        () ->
            client
                .copyArchiveToContainerCmd(id)
                .withRemotePath(directory)
                .withNoOverwriteDirNonDir(true)
                .withTarInputStream(tar)
                .exec());
  }

  @Override
  public void copyFrom(String id, String path, ArchiveReader reader) throws IOException {
    String doing = "cannot copy " + path + " from container " + shortId(id);
    try (Response response =
        requests.ask(doing, timeouts.answer(), () -> direct.archive(id, path))) {
      Future<?> reading =
          requests.submit(
              doing,
              () -> {
                reader.read(new AnswerBody(response.getBody(), doing, failures));
                return true;
              });
      heartbeat.await(doing, reading);
    } catch (InterruptedException e) {
      throw Requests.interrupted(doing, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException io) {
        throw io;
      }
      if (cause instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw failures.translate(doing, e);
    }
  }

  @Override
  public void logs(String id, LogRequest request, Consumer<String> lines) {
    String doing = "cannot read the log of container " + shortId(id);
    LogContainerCmd command =
        client
            .logContainerCmd(id)
            .withStdOut(true)
            .withStdErr(true)
            .withFollowStream(request.follow());
    request.tail().ifPresentOrElse(command::withTail, command::withTailAll);
    request.since().ifPresent(since -> command.withSince(seconds(since)));
    try (CommandStream output = new CommandStream(LineSplitter.output(lines, lines))) {
      command.exec(output);
      heartbeat.await(doing, output);
      output.throwIfBroken(doing, failures);
    } catch (InterruptedException e) {
      if (!request.follow()) {
        throw Requests.interrupted(doing, e);
      }
      Thread.currentThread().interrupt();
    }
  }

  /** docker-java counts in an int; beyond it there is no log yet. */
  private static int seconds(Instant instant) {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, instant.getEpochSecond()));
  }

  @Override
  public void close() {
    requests.close();
    try {
      client.close();
    } catch (IOException e) {
      throw failures.translate("cannot close the connection", e);
    }
  }

  private void change(String doing, Duration limit, Callable<?> request) {
    requests.ask(
        doing,
        limit,
        () -> {
          request.call();
          return true;
        });
  }

  private static boolean unlessGone(Callable<?> removal) throws Exception {
    try {
      removal.call();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  private static boolean unlessSo(Callable<?> change) throws Exception {
    try {
      change.call();
      return true;
    } catch (NotModifiedException e) {
      return false;
    }
  }

  /** Ids as the docker CLI shows them; names as they are. */
  private static String shortId(String idOrName) {
    return idOrName.matches("[0-9a-f]{64}") ? idOrName.substring(0, SHORT_ID_LENGTH) : idOrName;
  }
}
