/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.definition.ClusterDefinition;
import java.nio.file.Path;

/**
 * The input of a rendering.
 *
 * @param definition the cluster
 * @param directory absolute path of the files
 * @param target the backend
 */
public record RenderContext(ClusterDefinition definition, Path directory, RenderTarget target) {}
