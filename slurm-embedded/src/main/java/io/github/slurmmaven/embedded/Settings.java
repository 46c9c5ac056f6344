/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The server's settings, from its properties file (UTF-8). Names of the properties are in brackets.
 *
 * @param port port of 127.0.0.1 to listen on; 0 for any free one ({@code port})
 * @param portFile written with the port when the server listens ({@code portFile})
 * @param hostKey private key in OpenSSH's format ({@code hostKey})
 * @param ecdsaHostKey another one, for clients that do not support Ed25519 ({@code ecdsaHostKey})
 * @param authorizedKeys public keys that may log in ({@code authorizedKeys})
 * @param user the only user ({@code user})
 * @param password the user's password; without it, only keys can log in ({@code password})
 * @param shell absolute path of the shell that runs commands ({@code shell})
 * @param home start directory of sessions ({@code home})
 * @param launcher absolute path of slurm-pty ({@code launcher})
 * @param scratch existing directory for the server's own files ({@code scratch})
 * @param environment environment of the commands, besides the client's variables ({@code
 *     environment.NAME})
 */
record Settings(
    int port,
    Path portFile,
    Path hostKey,
    Optional<Path> ecdsaHostKey,
    Path authorizedKeys,
    String user,
    Optional<String> password,
    String shell,
    Path home,
    Path launcher,
    Path scratch,
    Map<String, String> environment) {

  private static final String ENVIRONMENT = "environment.";
  private static final int HIGHEST_PORT = 65535;

  Settings {
    environment = Map.copyOf(environment);
  }

  /** Leaves out the password. */
  @Override
  public String toString() {
    return "settings of " + user + " at port " + port;
  }

  /**
   * Reads the settings.
   *
   * @throws MistakeException when a property is missing or wrong, or the file cannot be read
   */
  static Settings read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new MistakeException("the settings " + file + " cannot be read", e);
    }
    Map<String, String> environment = new HashMap<>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(ENVIRONMENT)) {
        environment.put(key.substring(ENVIRONMENT.length()), properties.getProperty(key));
      }
    }
    return new Settings(
        port(required(properties, "port")),
        Path.of(required(properties, "portFile")),
        Path.of(required(properties, "hostKey")),
        Optional.ofNullable(properties.getProperty("ecdsaHostKey")).map(Path::of),
        Path.of(required(properties, "authorizedKeys")),
        required(properties, "user"),
        Optional.ofNullable(properties.getProperty("password")),
        required(properties, "shell"),
        Path.of(required(properties, "home")),
        Path.of(required(properties, "launcher")),
        Path.of(required(properties, "scratch")),
        environment);
  }

  private static String required(Properties properties, String name) {
    @Nullable String value = properties.getProperty(name);
    if (value == null || value.isBlank()) {
      throw new MistakeException("the property '" + name + "' is missing", null);
    }
    return value;
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= HIGHEST_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new MistakeException("the property 'port' is no number: '" + text + "'", e);
    }
    throw new MistakeException("the property 'port' is no port: '" + text + "'", null);
  }
}
