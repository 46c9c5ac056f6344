/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * An image to build from a directory of this machine with the classic builder, which reads its
 * {@code .dockerignore}.
 *
 * @param tag name and tag of the result
 * @param context absolute path of the directory
 * @param dockerfile absolute path, in the context
 * @param target stage to build; empty for the last
 * @param buildArgs build arguments
 */
public record ProjectBuild(
    String tag,
    Path context,
    Path dockerfile,
    Optional<String> target,
    Map<String, String> buildArgs) {}
