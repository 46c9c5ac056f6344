/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.OptionalInt;

/**
 * A container registry beside the nodes, which reach it as {@code registry:5000}.
 *
 * @param image image that runs it
 * @param port port of the host that was asked for, 0 for any free one; empty for the default, which
 *     gives way to the next free port when it is taken
 */
public record RegistryDefinition(String image, OptionalInt port) {

  /** The image when nobody says otherwise. */
  public static final String DEFAULT_IMAGE = "registry:2";

  /** The port of the host when nobody says otherwise, and always the one inside. */
  public static final int DEFAULT_PORT = 5000;

  /** Host name of the registry as the nodes see it. */
  public static final String HOST = "registry";
}
