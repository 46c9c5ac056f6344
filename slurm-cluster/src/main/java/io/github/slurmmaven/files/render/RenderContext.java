/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.definition.ClusterDefinition;
import java.nio.file.Path;

/**
 * What a cluster's files depend on.
 *
 * @param definition the cluster
 * @param directory absolute path of the files
 * @param target where it will run
 */
public record RenderContext(ClusterDefinition definition, Path directory, RenderTarget target) {}
