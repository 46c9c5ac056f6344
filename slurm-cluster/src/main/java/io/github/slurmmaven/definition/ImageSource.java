/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The source of an image for jobs. */
public sealed interface ImageSource {

  /**
   * An image that the engine has, or can pull.
   *
   * @param reference its name there
   */
  record Local(String reference) implements ImageSource {}

  /**
   * An image in a file, as {@code docker save} writes it.
   *
   * @param file absolute path
   */
  record Archive(Path file) implements ImageSource {}

  /**
   * An image that is built first, with the engine's cache.
   *
   * @param reference its name
   * @param dockerfile absolute path
   * @param context absolute path of the directory that the build sees
   * @param target stage to build; empty for the last
   * @param arguments build arguments
   */
  record Built(
      String reference,
      Path dockerfile,
      Path context,
      Optional<String> target,
      Map<String, String> arguments)
      implements ImageSource {

    public Built {
      arguments = Map.copyOf(arguments);
    }
  }

  /**
   * Parses a text: an archive if it ends with .tar, .tar.gz or .tgz, otherwise the name of an
   * image.
   *
   * @param parameter the user's name for it
   * @param directory start of a relative path
   * @throws InvalidParameterException when it is neither
   */
  static ImageSource parse(String parameter, String text, Path directory) {
    if (text.matches(".*\\.(tar|tar\\.gz|tgz)")) {
      return new Archive(Path.of(Checks.hostPath(parameter, text, directory)));
    }
    return new Local(Checks.image(parameter, text));
  }

  /**
   * Returns an image that is built from a Dockerfile.
   *
   * @param parameter the user's name for it
   * @param context directory that the build sees; null for the Dockerfile's own
   * @throws InvalidParameterException when name, file or directory are invalid
   */
  static ImageSource built(
      String parameter,
      String reference,
      String dockerfile,
      Optional<String> context,
      Optional<String> target,
      Map<String, String> arguments,
      Path directory) {
    Path file = Path.of(Checks.hostPath(parameter + ".dockerfile", dockerfile, directory));
    if (!Files.isRegularFile(file)) {
      throw new InvalidParameterException(
          parameter + ".dockerfile", dockerfile, "is not a file: name the Dockerfile itself");
    }
    Path seen =
        context
            .map(path -> Path.of(Checks.hostPath(parameter + ".context", path, directory)))
            .orElseGet(() -> file.resolveSibling("").normalize());
    if (!file.startsWith(seen)) {
      throw new InvalidParameterException(
          parameter + ".dockerfile", dockerfile, "is not in the context " + seen);
    }
    return new Built(Checks.image(parameter + ".name", reference), file, seen, target, arguments);
  }
}
