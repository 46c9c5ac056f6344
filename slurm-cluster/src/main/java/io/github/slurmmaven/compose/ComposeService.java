/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A service of a project, which is one container. All values are resolved and checked.
 *
 * @param name key within the Compose file
 * @param containerName {@code <project>-<service>-1} unless given
 * @param image image reference
 * @param hostname host name inside; empty for the engine's choice
 * @param entrypoint replaces the image's; empty for the image's own, an empty list for none
 * @param command replaces the image's; empty for the image's own, an empty list for none
 * @param user replaces the image's; empty for the image's own
 * @param workingDir replaces the image's; empty for the image's own
 * @param environment variables
 * @param labels labels
 * @param mounts {@code volumes} and {@code tmpfs}, each target once
 * @param ports published ports, ranges expanded
 * @param networks networks to join, at least one
 * @param extraHosts lines for /etc/hosts: name to address, or to {@link #HOST_GATEWAY}
 * @param dns DNS servers; empty for the engine's choice
 * @param capAdd capabilities to add
 * @param capDrop capabilities to drop
 * @param securityOpt security options, for example {@code no-new-privileges:true}; {@code seccomp=}
 *     and the profile itself, where the file names one
 * @param devices devices of the host, as {@code host:container:permissions}
 * @param cpus limit in processors; empty for none
 * @param memory limit in bytes; empty for none
 * @param pidsLimit limit of processes; empty for none
 * @param shmSize size of /dev/shm in bytes; empty for the engine's default
 * @param stopSignal signal for stop; empty for the image's own
 * @param stopGracePeriod time between stop signal and SIGKILL; empty for the engine's default
 * @param restart restart policy ({@code no}, {@code always}, {@code unless-stopped}, {@code
 *     on-failure[:n]}); empty for the engine's default, which is {@code no}
 * @param init whether the engine puts its own init before the entrypoint
 * @param privileged whether all isolation is off
 * @param healthcheck health check; empty for the image's own
 * @param dependsOn services to wait for before this one starts, with their conditions; never a
 *     cycle
 */
public record ComposeService(
    String name,
    String containerName,
    String image,
    Optional<String> hostname,
    Optional<List<String>> entrypoint,
    Optional<List<String>> command,
    Optional<String> user,
    Optional<String> workingDir,
    Map<String, String> environment,
    Map<String, String> labels,
    List<Mount> mounts,
    List<Port> ports,
    List<NetworkAttachment> networks,
    Map<String, String> extraHosts,
    List<String> dns,
    List<String> capAdd,
    List<String> capDrop,
    List<String> securityOpt,
    List<String> devices,
    OptionalDouble cpus,
    OptionalLong memory,
    OptionalLong pidsLimit,
    OptionalLong shmSize,
    Optional<String> stopSignal,
    Optional<Duration> stopGracePeriod,
    Optional<String> restart,
    boolean init,
    boolean privileged,
    Optional<HealthCheck> healthcheck,
    Map<String, Condition> dependsOn) {

  /**
   * Placeholder in {@code extraHosts} for the address of the engine's machine, which the engine
   * knows.
   */
  public static final String HOST_GATEWAY = "host-gateway";

  public ComposeService {
    entrypoint = entrypoint.map(List::copyOf);
    command = command.map(List::copyOf);
    environment = Immutable.copyOf(environment);
    labels = Immutable.copyOf(labels);
    mounts = List.copyOf(mounts);
    ports = List.copyOf(ports);
    networks = List.copyOf(networks);
    extraHosts = Immutable.copyOf(extraHosts);
    dns = List.copyOf(dns);
    capAdd = List.copyOf(capAdd);
    capDrop = List.copyOf(capDrop);
    securityOpt = List.copyOf(securityOpt);
    devices = List.copyOf(devices);
    dependsOn = Immutable.copyOf(dependsOn);
  }

  /**
   * Identifies the container's configuration, to decide whether an existing container still
   * matches. The order of lists matters, as it does for the engine; the order of maps does not.
   * {@code dependsOn} is not part of a container and is left out.
   *
   * @return SHA-256 in lower-case hexadecimal
   */
  public String digest() {
    return Digest.of(this, Map.of("dependsOn", Map.of()));
  }

  /**
   * As {@link #digest}, but without the {@code extraHosts} that can be added to a running
   * container. An address of {@link #HOST_GATEWAY} cannot be added: the engine sets it in a new
   * container.
   */
  public String digestWithoutHosts() {
    Map<String, String> ofTheEngine = new LinkedHashMap<>(extraHosts);
    ofTheEngine.values().removeIf(address -> !address.equals(HOST_GATEWAY));
    return Digest.of(this, Map.of("dependsOn", Map.of(), "extraHosts", ofTheEngine));
  }

  /**
   * A mount.
   *
   * @param kind source of the content
   * @param source absolute path of the host, name of the volume at the engine, or empty for tmpfs
   * @param target absolute path inside
   * @param readOnly whether the container cannot write to it
   */
  public record Mount(Kind kind, String source, String target, boolean readOnly) {
    /** The source of a mount's content. */
    public enum Kind {
      /** A path of the host. */
      BIND,
      /** A named volume. */
      VOLUME,
      /** Memory. */
      TMPFS
    }
  }

  /**
   * A published port.
   *
   * @param hostAddress address of the host to bind; empty if the file names none, which means all
   *     addresses in Compose
   * @param hostPort port of the host, 0 for any free one
   * @param containerPort port inside
   * @param protocol {@code tcp} or {@code udp}
   */
  public record Port(
      Optional<String> hostAddress, int hostPort, int containerPort, String protocol) {}

  /**
   * Membership of a network.
   *
   * @param network name of the network at the engine
   * @param aliases further names there, besides the service's name which Compose always gives
   * @param ipv4Address fixed address; empty for the engine's choice
   */
  public record NetworkAttachment(
      String network, List<String> aliases, Optional<String> ipv4Address) {

    public NetworkAttachment {
      aliases = List.copyOf(aliases);
    }
  }

  /**
   * A health check. An empty value means the image's own, or otherwise the engine's default.
   *
   * @param test {@code NONE}, or {@code CMD} or {@code CMD-SHELL} and the command; empty for the
   *     image's own
   * @param interval time between two checks
   * @param timeout time a check may take
   * @param retries failures in a row that make the container unhealthy
   * @param startPeriod time from the start within which failures do not count
   */
  public record HealthCheck(
      List<String> test,
      Optional<Duration> interval,
      Optional<Duration> timeout,
      OptionalInt retries,
      Optional<Duration> startPeriod) {

    public HealthCheck {
      test = List.copyOf(test);
    }
  }

  /** The condition of a service before services that depend on it start. */
  public enum Condition {
    /** Its container is running. */
    STARTED,
    /** Its health check has passed. */
    HEALTHY,
    /** Its container has exited with 0. */
    COMPLETED_SUCCESSFULLY
  }
}
