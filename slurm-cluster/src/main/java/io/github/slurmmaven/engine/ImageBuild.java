/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.util.Map;

/**
 * An image to build with the classic builder.
 *
 * @param tag name and tag of the result
 * @param files build context: path (with {@code /}) to content; all files get mode 0644
 * @param dockerfile path of the Dockerfile in the context
 * @param target stage to build
 * @param buildArgs build arguments
 * @param labels labels of the result
 */
public record ImageBuild(
    String tag,
    Map<String, byte[]> files,
    String dockerfile,
    String target,
    Map<String, String> buildArgs,
    Map<String, String> labels) {}
