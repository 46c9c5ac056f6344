/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The OpenAPI document of a cluster's slurmrestd, reduced to one API version. A client that is
 * generated from all versions would have each class several times.
 */
public final class OpenApiDocument {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String COMPONENTS = "#/components/";

  private OpenApiDocument() {}

  /**
   * Reads the document.
   *
   * @param version API version; empty for the newest
   * @param timeout limit for the response
   * @throws InvalidParameterException when this Slurm has no such version
   */
  public static String read(RestAccess rest, Optional<String> version, Duration timeout) {
    String wanted = version.orElse(rest.version());
    if (!rest.versions().contains(wanted)) {
      throw new InvalidParameterException(
          "apiVersion",
          wanted,
          "is not supported by this Slurm: use one of " + String.join(", ", rest.versions()));
    }
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  rest.request("/openapi/v3").timeout(timeout).build(),
                  HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new SlurmClusterException(
            "The OpenAPI document cannot be read: slurmrestd on %s answers with HTTP status %d. slurm:logs shows what it wrote"
                .formatted(rest.url(), answer.statusCode()));
      }
      return of(answer.body(), wanted);
    } catch (IOException e) {
      throw new UserMistakeException(
          "The OpenAPI document cannot be read, as slurmrestd on %s does not answer: %s. slurm:start starts what does not run"
              .formatted(
                  rest.url(),
                  // It has no message.
                  e instanceof ConnectException ? "connection refused" : FileFailure.of(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while the OpenAPI document was read", e);
    }
  }

  /** Returns the paths of one version, and the schemas to which they refer. */
  static String of(String document, String version) {
    try {
      JsonNode whole = JSON.readTree(document);
      ObjectNode paths = (ObjectNode) whole.path("paths");
      paths.retain(
          names(paths).stream()
              .filter(
                  path ->
                      path.startsWith("/slurm/" + version + "/")
                          || path.startsWith("/slurmdb/" + version + "/"))
              .toList());
      removeUnused(whole);
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(whole) + "\n";
    } catch (JsonProcessingException e) {
      throw new SlurmClusterException(
          "slurmrestd's OpenAPI document is not JSON: %s. slurm:logs shows what it wrote"
              .formatted(e.getOriginalMessage()),
          e);
    }
  }

  private static void removeUnused(JsonNode document) {
    Set<String> used = new HashSet<>();
    Deque<JsonNode> open = new ArrayDeque<>(List.of(document.path("paths")));
    while (!open.isEmpty()) {
      for (String reference : open.pop().findValuesAsText("$ref")) {
        if (used.add(reference)) {
          open.push(document.at(reference.substring(1)));
        }
      }
    }
    JsonNode components = document.path("components");
    for (String kind : List.of("schemas", "parameters", "responses", "requestBodies")) {
      if (components.get(kind) instanceof ObjectNode all) {
        all.retain(
            names(all).stream()
                .filter(name -> used.contains(COMPONENTS + kind + "/" + name))
                .toList());
      }
    }
  }

  private static List<String> names(ObjectNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }
}
