/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The docker CLI's {@code config.json}: the chosen context, proxies and registry credentials.
 *
 * @see <a href="https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file">its
 *     documentation</a>
 */
public final class DockerCliConfig {

  private static final Map<String, String> PROXY_VARIABLES =
      Map.of(
          "httpProxy", "HTTP_PROXY",
          "httpsProxy", "HTTPS_PROXY",
          "noProxy", "NO_PROXY",
          "ftpProxy", "FTP_PROXY",
          "allProxy", "ALL_PROXY");

  private final JsonNode json;
  private final Environment environment;

  private DockerCliConfig(JsonNode json, Environment environment) {
    this.json = json;
    this.environment = environment;
  }

  /**
   * Reads the file. A missing file is like an empty one.
   *
   * @throws UserMistakeException if it is not valid JSON or cannot be read
   */
  public static DockerCliConfig read(Environment environment) {
    Path file = environment.dockerConfigDirectory().resolve("config.json");
    return new DockerCliConfig(
        Files.exists(file) ? parse(file) : MissingNode.getInstance(), environment);
  }

  static JsonNode parse(Path file) {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new UserMistakeException(
          file
              + " is not valid JSON (line "
              + e.getLocation().getLineNr()
              + ": "
              + e.getOriginalMessage()
              + "): correct it, or point DOCKER_CONFIG at another directory",
          e);
    } catch (IOException e) {
      throw new UserMistakeException(
          file + " cannot be read (" + FileFailure.of(e) + "): correct its permissions", e);
    }
  }

  Optional<String> currentContext() {
    return text(json, "currentContext");
  }

  /**
   * Returns the proxy settings for an engine, as environment variables in upper and lower case,
   * which the docker CLI passes to builds.
   *
   * @param endpoint the engine; its own settings override the default ones
   */
  public Map<String, String> proxies(EngineEndpoint endpoint) {
    JsonNode proxies = json.path("proxies");
    JsonNode own = proxies.path(endpoint.uri().toString());
    JsonNode chosen = own.isObject() ? own : proxies.path("default");
    Map<String, String> variables = new LinkedHashMap<>();
    PROXY_VARIABLES.forEach(
        (key, variable) ->
            text(chosen, key)
                .ifPresent(
                    value -> {
                      variables.put(variable, value);
                      variables.put(variable.toLowerCase(Locale.ROOT), value);
                    }));
    return variables;
  }

  /** Returns the credentials for registries. */
  public RegistryCredentials credentials() {
    return new RegistryCredentials(json, environment);
  }

  static Optional<String> text(JsonNode node, String key) {
    return Optional.ofNullable(node.path(key).textValue()).filter(text -> !text.isBlank());
  }
}
