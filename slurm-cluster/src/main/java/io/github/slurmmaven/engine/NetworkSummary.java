/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.util.List;
import java.util.Map;

/** A network that exists, with its subnets in CIDR form. */
public record NetworkSummary(
    String id, String name, List<String> subnets, Map<String, String> labels) {}
