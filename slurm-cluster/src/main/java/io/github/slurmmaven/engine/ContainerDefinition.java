/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A container to create, in the terms of the Compose specification.
 *
 * @param name container name
 * @param image image reference
 * @param hostname host name inside; empty for the engine's choice
 * @param entrypoint replaces the image's; empty for the image's own
 * @param command replaces the image's; empty for the image's own
 * @param user replaces the image's; empty for the image's own
 * @param workingDir replaces the image's; empty for the image's own
 * @param environment variables
 * @param labels labels
 * @param mounts bind mounts, named volumes and tmpfs
 * @param ports published ports
 * @param networks networks to join
 * @param extraHosts lines for /etc/hosts: name to address
 * @param dns DNS servers; empty for the engine's choice
 * @param capAdd capabilities to add
 * @param capDrop capabilities to drop
 * @param securityOpt security options, for example {@code no-new-privileges:true}, or {@code
 *     seccomp=} and the profile itself as JSON
 * @param devices devices of the host, as {@code host:container:permissions}
 * @param cpus limit in processors
 * @param memory limit in bytes
 * @param pidsLimit limit of processes
 * @param shmSize size of /dev/shm in bytes
 * @param stopSignal signal for stop; empty for the image's own
 * @param stopTimeout seconds between stop signal and SIGKILL
 * @param restart restart policy ({@code no}, {@code always}, {@code unless-stopped}, {@code
 *     on-failure[:n]})
 * @param init whether the engine puts its own init before the entrypoint
 * @param privileged whether all isolation is off
 * @param healthcheck health check; empty for the image's own
 */
public record ContainerDefinition(
    String name,
    String image,
    Optional<String> hostname,
    Optional<List<String>> entrypoint,
    Optional<List<String>> command,
    Optional<String> user,
    Optional<String> workingDir,
    Map<String, String> environment,
    Map<String, String> labels,
    List<Mount> mounts,
    List<PortBinding> ports,
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
    OptionalInt stopTimeout,
    Optional<String> restart,
    boolean init,
    boolean privileged,
    Optional<HealthCheck> healthcheck) {

  /** Returns a copy with one more label, and with other mounts. */
  public ContainerDefinition with(String label, String value, List<Mount> otherMounts) {
    Map<String, String> moreLabels = new LinkedHashMap<>(labels);
    moreLabels.put(label, value);
    return new ContainerDefinition(
        name,
        image,
        hostname,
        entrypoint,
        command,
        user,
        workingDir,
        environment,
        moreLabels,
        otherMounts,
        ports,
        networks,
        extraHosts,
        dns,
        capAdd,
        capDrop,
        securityOpt,
        devices,
        cpus,
        memory,
        pidsLimit,
        shmSize,
        stopSignal,
        stopTimeout,
        restart,
        init,
        privileged,
        healthcheck);
  }

  /** A mount. */
  public record Mount(Kind kind, String source, String target, boolean readOnly) {
    /** The source of a mount's content. */
    public enum Kind {
      /** A path of the host. */
      BIND,
      /** A named volume. */
      VOLUME,
      /** Memory; {@code source} holds mount options ({@code size=64m,mode=1777}), or is empty. */
      TMPFS
    }
  }

  /**
   * A published port.
   *
   * @param hostAddress address of the host to bind
   * @param hostPort port of the host, 0 for any free one
   * @param containerPort port inside
   * @param protocol {@code tcp} or {@code udp}
   */
  public record PortBinding(String hostAddress, int hostPort, int containerPort, String protocol) {}

  /** Membership of a network. */
  public record NetworkAttachment(
      String network, List<String> aliases, Optional<String> ipv4Address) {}

  /** A health check; durations in nanoseconds, 0 for the engine's default. */
  public record HealthCheck(
      List<String> test, long interval, long timeout, int retries, long startPeriod) {}
}
