/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.ClockFile;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.compose.ComposeNetwork;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.NetworkDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Translates a Compose project into requests to an engine, with the labels by which {@code docker
 * compose} recognizes the result.
 */
final class ComposeTranslator {

  /** The directory of Slurm's configuration on the nodes. */
  private static final String CONFIGURATION = "/etc/slurm";

  private static final String COMPOSE = "com.docker.compose.";

  private final ComposeProject project;
  private final Map<String, String> identity;
  private final int maxCpus;
  private final long maxMemory;

  /**
   * @param identity labels for everything that is created, in addition to the project's own
   * @param maxCpus processors of the engine; Docker refuses a higher limit
   * @param maxMemory bytes of the engine
   */
  ComposeTranslator(
      ComposeProject project, Map<String, String> identity, int maxCpus, long maxMemory) {
    this.project = project;
    this.identity = Map.copyOf(identity);
    this.maxCpus = maxCpus;
    this.maxMemory = maxMemory;
  }

  NetworkDefinition network(ComposeNetwork network) {
    return new NetworkDefinition(
        network.name(),
        network.subnet(),
        network.gateway(),
        labels(network.labels(), Map.of("network", network.key())));
  }

  Map<String, String> volumeLabels(String key, Map<String, String> own) {
    return labels(own, Map.of("volume", key));
  }

  ContainerDefinition container(ComposeService service) {
    requireSources(service);
    requireMountPoints(service);
    String digest = digest(service.digest(), service.mounts());
    Map<String, String> compose = new LinkedHashMap<>();
    compose.put("service", service.name());
    compose.put("container-number", "1");
    compose.put("oneoff", "False");
    compose.put(
        "depends_on",
        service.dependsOn().entrySet().stream()
            .map(
                other ->
                    "%s:service_%s:false"
                        .formatted(
                            other.getKey(), other.getValue().name().toLowerCase(Locale.ROOT)))
            .collect(Collectors.joining(",")));
    compose.put("config-hash", digest);
    compose.put("project.working_dir", project.directory().toString());
    compose.put(
        "project.config_files",
        project.files().stream().map(Path::toString).collect(Collectors.joining(",")));
    Map<String, String> labels = new LinkedHashMap<>(labels(service.labels(), compose));
    labels.put(Labels.DIGEST, digest);
    labels.put(
        Labels.SHAPE,
        digest(
            service.digestWithoutHosts(),
            service.mounts().stream()
                .filter(mount -> !mount.target().equals(CONFIGURATION))
                .toList()));
    return new ContainerDefinition(
        service.containerName(),
        service.image(),
        service.hostname(),
        service.entrypoint(),
        service.command(),
        service.user(),
        service.workingDir(),
        service.environment(),
        labels,
        service.mounts().stream().map(ComposeTranslator::mount).toList(),
        service.ports().stream().map(ComposeTranslator::port).toList(),
        service.networks().stream().map(network -> attachment(service, network)).toList(),
        service.extraHosts(),
        service.dns(),
        service.capAdd(),
        service.capDrop(),
        service.securityOpt(),
        service.devices(),
        service.cpus().isPresent()
            ? OptionalDouble.of(Math.min(service.cpus().getAsDouble(), maxCpus))
            : OptionalDouble.empty(),
        service.memory().isPresent()
            ? OptionalLong.of(Math.min(service.memory().getAsLong(), maxMemory))
            : OptionalLong.empty(),
        service.pidsLimit(),
        service.shmSize(),
        service.stopSignal(),
        service.stopGracePeriod().isPresent()
            ? OptionalInt.of(Math.toIntExact(service.stopGracePeriod().get().toSeconds()))
            : OptionalInt.empty(),
        service.restart(),
        service.init(),
        service.privileged(),
        service.healthcheck().map(ComposeTranslator::healthCheck));
  }

  /**
   * Refuses mounts that cannot be replaced with copies, for an engine that does not see this
   * machine's files. A copy is enough for files that containers only read. The clock is copied with
   * the other files, and then cannot be moved.
   *
   * @throws UserMistakeException when a mount has the user's own files, or containers write to it;
   *     names the first such mount
   */
  void requireCopiesWillDo() {
    for (ComposeService service : project.services().values()) {
      for (ComposeService.Mount mount : service.mounts()) {
        Path source = Path.of(mount.source());
        boolean copied =
            (mount.readOnly() || source.endsWith(ClockFile.NAME))
                && source.startsWith(project.directory());
        if (mount.kind() == ComposeService.Mount.Kind.BIND && !copied) {
          throw new UserMistakeException(
              ("%s: services.%s.volumes: '%s' cannot be mounted, because the engine does not see this"
                      + " machine's files. Copy it with files in the cluster's definition, or use a named volume, or put it into %s and mount it read-only, because such mounts are copied")
                  .formatted(
                      project.files().get(project.files().size() - 1),
                      service.name(),
                      mount.source(),
                      project.directory()));
        }
      }
    }
  }

  /**
   * Refuses mounts below a read-only mount, where an engine cannot make a mount point. The engine's
   * own message would not name the mount.
   */
  private void requireMountPoints(ComposeService service) {
    for (ComposeService.Mount mount : service.mounts()) {
      for (ComposeService.Mount around : service.mounts()) {
        if (around.kind() == ComposeService.Mount.Kind.BIND
            && around.readOnly()
            && mount.target().startsWith(around.target() + "/")) {
          String below = mount.target().substring(around.target().length() + 1);
          if (!Files.exists(Path.of(around.source()).resolve(below))) {
            throw new UserMistakeException(
                ("%s: services.%s.volumes: '%s' cannot be a mount's target: it is in '%s', which is mounted"
                        + " read-only, and '%s' has no '%s'. Put the file there instead, or mount"
                        + " elsewhere")
                    .formatted(
                        project.files().get(project.files().size() - 1),
                        service.name(),
                        mount.target(),
                        around.target(),
                        around.source(),
                        below));
          }
        }
      }
    }
  }

  /**
   * Refuses missing sources. An engine would create an empty directory, or print a message that
   * does not help.
   */
  private void requireSources(ComposeService service) {
    for (ComposeService.Mount mount : service.mounts()) {
      if (mount.kind() == ComposeService.Mount.Kind.BIND
          && !Files.exists(Path.of(mount.source()))) {
        throw new UserMistakeException(
            "%s: services.%s.volumes: '%s' does not exist: create it first"
                .formatted(
                    project.files().get(project.files().size() - 1),
                    service.name(),
                    mount.source()));
      }
    }
  }

  /**
   * Identifies what a container is made from: the service, and the files of the project's directory
   * that are mounted read-only. Daemons read those files only when they start. The clock is left
   * out, because programs read it all the time.
   */
  private String digest(String service, List<ComposeService.Mount> mounts) {
    MessageDigest digest = Sha256.begin();
    digest.update(service.getBytes(StandardCharsets.UTF_8));
    for (ComposeService.Mount mount : mounts) {
      Path source = Path.of(mount.source());
      if (mount.kind() == ComposeService.Mount.Kind.BIND
          && mount.readOnly()
          && source.startsWith(project.directory())) {
        update(digest, source);
      }
    }
    return Sha256.end(digest);
  }

  private static void update(MessageDigest digest, Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.endsWith(ClockFile.NAME))
              .sorted()
              .toList()) {
        digest.update(root.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(root + " cannot be read", e);
    }
  }

  private Map<String, String> labels(Map<String, String> own, Map<String, String> compose) {
    Map<String, String> labels = new LinkedHashMap<>(own);
    labels.putAll(identity);
    labels.put(COMPOSE + "project", project.name());
    compose.forEach((key, value) -> labels.put(COMPOSE + key, value));
    return labels;
  }

  private static ContainerDefinition.Mount mount(ComposeService.Mount mount) {
    return new ContainerDefinition.Mount(
        ContainerDefinition.Mount.Kind.valueOf(mount.kind().name()),
        mount.source(),
        mount.target(),
        mount.readOnly());
  }

  private static ContainerDefinition.PortBinding port(ComposeService.Port port) {
    return new ContainerDefinition.PortBinding(
        port.hostAddress().orElse("0.0.0.0"),
        port.hostPort(),
        port.containerPort(),
        port.protocol());
  }

  private static ContainerDefinition.NetworkAttachment attachment(
      ComposeService service, ComposeService.NetworkAttachment network) {
    List<String> aliases = new ArrayList<>(network.aliases());
    aliases.add(service.name());
    aliases.add(service.containerName());
    return new ContainerDefinition.NetworkAttachment(
        network.network(), aliases, network.ipv4Address());
  }

  private static ContainerDefinition.HealthCheck healthCheck(ComposeService.HealthCheck check) {
    return new ContainerDefinition.HealthCheck(
        check.test(),
        nanos(check.interval()),
        nanos(check.timeout()),
        check.retries().orElse(0),
        nanos(check.startPeriod()));
  }

  private static long nanos(Optional<Duration> duration) {
    return duration.map(Duration::toNanos).orElse(0L);
  }
}
