/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.client.UserMistakeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Compose project, read from disk and checked completely. All maps are in the order of the files.
 *
 * @param name project name
 * @param directory the project directory, absolute
 * @param files the Compose files read, in the order of merging
 * @param services services by key
 * @param networks networks that a service joins, by key; the implicit {@code default} included
 * @param volumes named volumes that a service mounts, by key
 */
public record ComposeProject(
    String name,
    Path directory,
    List<Path> files,
    Map<String, ComposeService> services,
    Map<String, ComposeNetwork> networks,
    Map<String, ComposeVolume> volumes) {

  public ComposeProject {
    files = List.copyOf(files);
    services = Immutable.copyOf(services);
    networks = Immutable.copyOf(networks);
    volumes = Immutable.copyOf(volumes);
  }

  /**
   * Reads {@code docker-compose.yml}, then {@code docker-compose.override.yml} over it if there is
   * one, with the variables of {@code .env} if there is one.
   *
   * <p>Unlike Compose, a variable that is not set and has no default is an error, and the {@code
   * COMPOSE_…} variables do not choose files, profiles or the project's name.
   *
   * @param directory the project directory
   * @param environment variables for interpolation, which override {@code .env}
   * @throws UserMistakeException when a file cannot be read, is not a valid Compose file, or has an
   *     unsupported key or value; the message names file, line, key and value
   */
  public static ComposeProject read(Path directory, Map<String, String> environment) {
    return read(directory, EnvFile.text(directory.resolve(ProjectReader.ENV)), environment);
  }

  /**
   * As {@link #read(Path, Map)}, with the text of {@code .env}.
   *
   * @param env the text of {@code .env}; empty if there is none
   */
  public static ComposeProject read(
      Path directory, Optional<String> env, Map<String, String> environment) {
    return new ProjectReader(directory, env, environment).read();
  }
}
