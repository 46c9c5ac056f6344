/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a container.
 *
 * @param id id
 * @param name name, without a leading slash
 * @param status status
 * @param exitCode exit code of the main process once it has ended
 * @param outOfMemory whether the kernel killed it because memory ran out
 * @param error why it could not be started; empty if it could
 * @param startedAt when it was last started; empty if never
 * @param ports the actual published ports; empty unless running
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

  /** The status of a container, by the engine's names. */
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
