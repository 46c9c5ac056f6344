/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import static io.github.slurmmaven.engine.endpoint.DockerCliConfig.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds credentials for registries in {@code config.json} or with the credential helpers that it
 * names.
 *
 * @see <a href="https://docs.docker.com/reference/cli/docker/login/#credential-stores">credential
 *     stores</a>
 */
public final class RegistryCredentials {

  /** The name under which the docker CLI keeps the credentials for Docker Hub. */
  static final String DOCKER_HUB = "https://index.docker.io/v1/";

  private static final int HELPER_TIMEOUT_SECONDS = 30;

  private final JsonNode json;
  private final Environment environment;

  RegistryCredentials(JsonNode json, Environment environment) {
    this.json = json;
    this.environment = environment;
  }

  /**
   * Credentials for a registry.
   *
   * @param registry the registry as {@code config.json} names it
   * @param username user name; empty with an identity token
   * @param password password, or the identity token
   * @param identityToken whether {@code password} is an identity token
   */
  public record Credentials(
      String registry, String username, String password, boolean identityToken) {

    /** Keeps the secret out of logs. */
    @Override
    public String toString() {
      return "Credentials[" + username + " at " + registry + "]";
    }
  }

  /** Returns the credentials for the registry of an image, if there are any. */
  public Optional<Credentials> forImage(String reference) {
    return forRegistry(registryOf(reference));
  }

  /**
   * Returns all credentials, by registry, because a build may pull from any.
   *
   * @param problems receives the registries whose helper failed. As with the docker CLI, a build
   *     continues without them, because it rarely needs more than one
   */
  public Map<String, Credentials> all(Consumer<String> problems) {
    Set<String> registries = new LinkedHashSet<>();
    json.path("auths").fieldNames().forEachRemaining(registries::add);
    json.path("credHelpers").fieldNames().forEachRemaining(registries::add);
    Map<String, Credentials> all = new LinkedHashMap<>();
    for (String registry : registries) {
      try {
        forRegistry(registry).ifPresent(credentials -> all.put(registry, credentials));
      } catch (UserMistakeException e) {
        problems.accept(String.valueOf(e.getMessage()));
      }
    }
    return all;
  }

  /**
   * Returns the registry of an image reference.
   *
   * @see <a
   *     href="https://github.com/distribution/reference/blob/main/normalize.go">normalize.go</a>
   */
  static String registryOf(String reference) {
    int slash = reference.indexOf('/');
    String first = slash < 0 ? "" : reference.substring(0, slash);
    boolean registry = first.contains(".") || first.contains(":") || first.equals("localhost");
    boolean hub = first.equals("docker.io") || first.equals("index.docker.io");
    return registry && !hub ? first : DOCKER_HUB;
  }

  private Optional<Credentials> forRegistry(String registry) {
    Optional<String> helper =
        text(json.path("credHelpers"), registry).or(() -> text(json, "credsStore"));
    return helper.isPresent() ? askHelper(helper.get(), registry) : fromFile(registry);
  }

  private Optional<Credentials> fromFile(String registry) {
    JsonNode auths = json.path("auths");
    JsonNode entry = auths.path(registry);
    if (entry.isMissingNode()) {
      // Older versions of the CLI wrote addresses: https://registry.example.org/v1/
      for (Map.Entry<String, JsonNode> other : auths.properties()) {
        if (hostOf(other.getKey()).equals(hostOf(registry))) {
          entry = other.getValue();
        }
      }
    }
    Optional<String> token = text(entry, "identitytoken");
    if (token.isPresent()) {
      return Optional.of(new Credentials(registry, "", token.get(), true));
    }
    Optional<String> auth = text(entry, "auth");
    if (auth.isEmpty()) {
      return Optional.empty();
    }
    String decoded;
    try {
      decoded = new String(Base64.getDecoder().decode(auth.get()), UTF_8);
    } catch (IllegalArgumentException e) {
      throw brokenAuth(registry);
    }
    int colon = decoded.indexOf(':');
    if (colon < 0) {
      throw brokenAuth(registry);
    }
    return Optional.of(
        new Credentials(
            registry, decoded.substring(0, colon), decoded.substring(colon + 1), false));
  }

  private static UserMistakeException brokenAuth(String registry) {
    return new UserMistakeException(
        "config.json of the docker CLI: auths: "
            + registry
            + ": auth is not the Base64 form of user:password; run 'docker login' anew");
  }

  private static String hostOf(String address) {
    String host = address.replaceFirst("^https?://", "");
    int slash = host.indexOf('/');
    return slash < 0 ? host : host.substring(0, slash);
  }

  private Optional<Credentials> askHelper(String helper, String registry) {
    String program = "docker-credential-" + helper;
    try {
      ProcessBuilder builder =
          new ProcessBuilder(find(program), "get").redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().clear();
      builder.environment().putAll(environment.variables());
      Process process = builder.start();
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(registry.getBytes(UTF_8));
      } catch (IOException e) {
        // The helper has ended without reading; its output says why.
      }
      // The output is far smaller than a pipe's buffer, so the helper can end before it is read.
      if (!process.waitFor(HELPER_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new UserMistakeException(
            program + " get: no answer within " + HELPER_TIMEOUT_SECONDS + " s");
      }
      String answer;
      try (InputStream stdout = process.getInputStream()) {
        answer = new String(stdout.readAllBytes(), UTF_8);
      }
      if (process.exitValue() != 0) {
        if (answer.contains("credentials not found")) {
          return Optional.empty();
        }
        throw new UserMistakeException(
            program
                + " get, which config.json of the docker CLI names for "
                + registry
                + ", failed: "
                + answer.strip());
      }
      JsonNode json = new ObjectMapper().readTree(answer);
      String username = text(json, "Username").orElse("");
      boolean token = username.equals("<token>");
      return text(json, "Secret")
          .map(secret -> new Credentials(registry, token ? "" : username, secret, token));
    } catch (IOException e) {
      throw new UserMistakeException(
          program
              + ", which config.json of the docker CLI names for "
              + registry
              + ", cannot be run ("
              + e.getMessage()
              + "): install it, or remove credsStore or credHelpers from config.json",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserMistakeException(program + " get: interrupted", e);
    }
  }

  /** Finds a program by the PATH of the given environment. Java would use this process's own. */
  private String find(String program) throws IOException {
    return Stream.of(environment.variable("PATH").orElse("").split(File.pathSeparator))
        .filter(directory -> !directory.isEmpty())
        .flatMap(directory -> Stream.of(program, program + ".exe").map(Path.of(directory)::resolve))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .map(Path::toString)
        .findFirst()
        .orElseThrow(() -> new IOException("it is in no directory of PATH"));
  }
}
