/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the user's cache directory for what is made or fetched once. */
public final class UserCache {

  private UserCache() {}

  /**
   * Returns the directory {@code slurm-maven-plugin} in {@code $XDG_CACHE_HOME}, or in {@code
   * .cache} of the home directory. A relative path is ignored, as the XDG Base Directory
   * Specification requires.
   *
   * @param variables environment variables
   * @return empty when they name no absolute path
   */
  public static Optional<Path> directory(Map<String, String> variables) {
    return absolute(variables, "XDG_CACHE_HOME")
        .or(
            () ->
                Stream.of("HOME", "USERPROFILE")
                    .flatMap(name -> absolute(variables, name).stream())
                    .findFirst()
                    .map(home -> home.resolve(".cache")))
        .map(cache -> cache.resolve("slurm-maven-plugin"));
  }

  private static Optional<Path> absolute(Map<String, String> variables, String name) {
    return Optional.ofNullable(variables.get(name)).map(Path::of).filter(Path::isAbsolute);
  }
}
