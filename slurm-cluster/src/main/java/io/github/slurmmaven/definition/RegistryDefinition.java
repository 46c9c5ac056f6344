/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.OptionalInt;

/**
 * A container registry beside the nodes, which reach it as {@code registry:5000}.
 *
 * @param image image that runs it
 * @param port requested port of the host, 0 for any free one; empty for the default or the next
 *     free port
 */
public record RegistryDefinition(String image, OptionalInt port) {

  /** The default image. */
  public static final String DEFAULT_IMAGE = "registry:2";

  /** The default port of the host, and always the port in the container. */
  public static final int DEFAULT_PORT = 5000;

  /** Host name of the registry as the nodes see it. */
  public static final String HOST = "registry";
}
