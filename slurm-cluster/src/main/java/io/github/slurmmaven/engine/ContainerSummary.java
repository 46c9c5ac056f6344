/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A container that exists.
 *
 * @param id id
 * @param name name, without a leading slash
 * @param image image reference as given at creation, on Podman with its registry
 * @param status status
 * @param createdAt when it was created, to the second
 * @param ports the actual published ports; empty unless running
 * @param labels labels
 */
public record ContainerSummary(
    String id,
    String name,
    String image,
    ContainerState.Status status,
    Instant createdAt,
    List<PortBinding> ports,
    Map<String, String> labels) {}
