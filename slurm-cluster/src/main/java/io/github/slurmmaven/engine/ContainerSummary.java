/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.util.Map;

/**
 * A container that exists.
 *
 * @param id id
 * @param name name, without a leading slash
 * @param image image reference as given at creation
 * @param status status
 * @param labels labels
 */
public record ContainerSummary(
    String id,
    String name,
    String image,
    ContainerState.Status status,
    Map<String, String> labels) {}
