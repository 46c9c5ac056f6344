/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the choice of an engine depends on outside of our parameters.
 *
 * @param variables environment variables
 * @param home home directory of the user
 * @param defaultHost where the engine is when nothing names one
 */
public record Environment(Map<String, String> variables, Path home, URI defaultHost) {

  /** The environment of this process. */
  public static Environment system() {
    boolean windows =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    return new Environment(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        URI.create(windows ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock"));
  }

  /** The value of a variable; empty also when it is set to nothing, as the docker CLI has it. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  /** This environment with another value of a variable. */
  public Environment with(String name, String value) {
    Map<String, String> changed = new HashMap<>(variables);
    changed.put(name, value);
    return new Environment(changed, home, defaultHost);
  }

  /** The directory of {@code config.json} and of the contexts. */
  Path dockerConfigDirectory() {
    return variable("DOCKER_CONFIG").map(Path::of).orElseGet(() -> home.resolve(".docker"));
  }
}
