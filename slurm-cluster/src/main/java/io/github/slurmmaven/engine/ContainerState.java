/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a container is doing.
 *
 * @param id id
 * @param name name, without a leading slash
 * @param status status
 * @param exitCode exit code of the main process once it has ended
 * @param outOfMemory whether the kernel killed it for memory
 * @param error what kept it from starting; empty when nothing did
 * @param startedAt when it was last started; empty when it never was
 * @param ports the published ports as they really are; empty unless running
 * @param addresses network name to IPv4 address
 * @param labels labels
 */
public record ContainerState(
    String id,
    String name,
    Status status,
    int exitCode,
    boolean outOfMemory,
    String error,
    Optional<Instant> startedAt,
    List<PortBinding> ports,
    Map<String, String> addresses,
    Map<String, String> labels) {

  /** The engine's words for a container's life. */
  public enum Status {
    CREATED,
    RUNNING,
    PAUSED,
    RESTARTING,
    REMOVING,
    EXITED,
    DEAD
  }

  public boolean running() {
    return status == Status.RUNNING;
  }
}
