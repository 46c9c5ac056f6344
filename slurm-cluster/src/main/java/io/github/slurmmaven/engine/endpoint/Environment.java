/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The user's settings outside of this project's parameters, on which the choice of an engine
 * depends.
 *
 * @param variables environment variables
 * @param home home directory of the user
 * @param defaultHost the engine's default address
 */
public record Environment(Map<String, String> variables, Path home, URI defaultHost) {

  /** Returns the environment of this process. */
  public static Environment system() {
    boolean windows =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    return new Environment(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        URI.create(windows ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock"));
  }

  /** Returns the value of a variable; empty also if the value is empty, as in the docker CLI. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  /** Returns a copy with another value of a variable. */
  public Environment with(String name, String value) {
    Map<String, String> changed = new HashMap<>(variables);
    changed.put(name, value);
    return new Environment(changed, home, defaultHost);
  }

  /** Returns the directory of {@code config.json} and of the contexts. */
  Path dockerConfigDirectory() {
    return variable("DOCKER_CONFIG").map(Path::of).orElseGet(() -> home.resolve(".docker"));
  }
}
