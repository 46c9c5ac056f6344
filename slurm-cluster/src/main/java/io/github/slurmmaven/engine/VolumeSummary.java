/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.util.Map;

/** A volume that exists. */
public record VolumeSummary(String name, Map<String, String> labels) {}
