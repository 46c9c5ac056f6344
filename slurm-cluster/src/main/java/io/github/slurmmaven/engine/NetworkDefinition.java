/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.util.Map;
import java.util.Optional;

/**
 * A bridge network to create.
 *
 * @param name name
 * @param subnet IPv4 subnet in CIDR form, or empty for one that the engine chooses
 * @param gateway gateway address, or empty for the engine's choice
 * @param labels labels
 */
public record NetworkDefinition(
    String name, Optional<String> subnet, Optional<String> gateway, Map<String, String> labels) {}
