/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenApiDocumentTest {

  private static final String DOCUMENT =
      """
      {
        "openapi": "3.0.3",
        "paths": {
          "/slurm/v1/jobs/": {"get": {"parameters": [{"$ref": "#/components/parameters/p"}],
              "schema": {"$ref": "#/components/schemas/v1_jobs"}}},
          "/slurm/v2/jobs/": {"get": {"schema": {"$ref": "#/components/schemas/v2_jobs"}}},
          "/slurmdb/v2/jobs/": {"get": {"schema": {"$ref": "#/components/schemas/v2_jobs"}}}
        },
        "components": {
          "parameters": {"p": {}},
          "schemas": {
            "v1_jobs": {},
            "v2_jobs": {"items": {"$ref": "#/components/schemas/v2_job"}},
            "v2_job": {"self": {"$ref": "#/components/schemas/v2_jobs"}}
          },
          "securitySchemes": {"token": {}}
        }
      }
      """;

  private static JsonNode cut(String version) throws IOException {
    return new ObjectMapper().readTree(OpenApiDocument.of(DOCUMENT, version));
  }

  @Test
  void hasOneVersionAndWhatItRefersTo() throws IOException {
    JsonNode document = cut("v2");

    assertThat(document.at("/openapi").asText()).isEqualTo("3.0.3");
    assertThat(document.at("/paths").fieldNames())
        .toIterable()
        .containsExactly("/slurm/v2/jobs/", "/slurmdb/v2/jobs/");
    assertThat(document.at("/components/schemas").fieldNames())
        .toIterable()
        .containsExactly("v2_jobs", "v2_job");
    assertThat(document.at("/components/parameters")).isEmpty();
    assertThat(document.at("/components/securitySchemes")).hasSize(1);
  }

  @Test
  void keepsParametersThatAreUsed() throws IOException {
    assertThat(cut("v1").at("/components/parameters")).hasSize(1);
  }

  @Test
  void whatIsNotJsonIsRefused() {
    assertThatThrownBy(() -> OpenApiDocument.of("<html>", "v1"))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("is not JSON");
  }

  @Test
  void namesTheVersionsThatThereAre() throws IOException {
    assertThatThrownBy(
            () ->
                OpenApiDocument.read(
                    rest(freePort()), Optional.of("v0.0.1"), Duration.ofMinutes(1)))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage("apiVersion: 'v0.0.1' is not supported by this Slurm: use one of v1, v2");
  }

  @Test
  void saysThatSlurmrestdDoesNotAnswer() throws IOException {
    assertThatThrownBy(
            () -> OpenApiDocument.read(rest(freePort()), Optional.empty(), Duration.ofMinutes(1)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("does not answer: connection refused. slurm:start");
  }

  private static RestAccess rest(int port) {
    return new RestAccess(
        URI.create("http://127.0.0.1:" + port), "slurm", "t", Map.of(), List.of("v1", "v2"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
