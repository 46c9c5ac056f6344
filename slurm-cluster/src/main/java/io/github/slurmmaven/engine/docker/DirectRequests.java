/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.terminal.Terminal.Size;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;

/**
 * Requests that are made here, not by docker-java: its commands read an archive to the end when it
 * is closed early, take the first byte of a terminal for a header, and know no detach keys.
 */
final class DirectRequests {

  /**
   * By default the engine leaves a command at Ctrl-P Ctrl-Q, and holds every Ctrl-P back, which
   * shells go back in their history with. It cannot do without; so it gets keys that nobody presses
   * in a row, of which only the first one, which hardly anybody uses, is held back.
   */
  private static final String DETACH_KEYS = "ctrl-^,ctrl-^,ctrl-_,ctrl-^,ctrl-^";

  private final DockerHttpClient transport;
  private final ObjectMapper mapper;
  private final String version;

  DirectRequests(DockerHttpClient transport, ObjectMapper mapper, RemoteApiVersion version) {
    this.transport = transport;
    this.mapper = mapper;
    this.version = "/" + version.asWebPathPart();
  }

  /** A file or directory of a container as a tar archive. */
  Response archive(String containerId, String path) throws IOException {
    return send(
        Request.builder()
            .method(Request.Method.GET)
            .path(
                version
                    + "/containers/"
                    + encoded(containerId)
                    + "/archive?path="
                    + encoded(path)));
  }

  /** Prepares a command that has a terminal, and returns its id. */
  String createTerminal(String containerId, ExecCommand command, List<String> environment)
      throws IOException {
    Map<String, Object> fields =
        Map.of(
            "AttachStdin",
            true,
            "AttachStdout",
            true,
            "AttachStderr",
            true,
            "Tty",
            true,
            "DetachKeys",
            DETACH_KEYS,
            "User",
            command.user(),
            "Env",
            environment,
            "Cmd",
            command.command());
    try (Response response = send(post("/containers/" + encoded(containerId) + "/exec", fields))) {
      return mapper.readTree(response.getBody()).path("Id").asText();
    }
  }

  /**
   * Starts a command that has a terminal.
   *
   * @param input what the command reads, on a thread of the transport's
   * @return its body is what the command writes
   */
  Response startTerminal(String execId, Size size, InputStream input) throws IOException {
    Map<String, Object> fields =
        Map.of("Detach", false, "Tty", true, "ConsoleSize", List.of(size.rows(), size.columns()));
    return send(post("/exec/" + encoded(execId) + "/start", fields).hijackedInput(input));
  }

  private Request.Builder post(String path, Map<String, Object> fields) throws IOException {
    Request.Builder request = Request.builder();
    request
        .method(Request.Method.POST)
        .path(version + path)
        .putHeader("content-type", "application/json")
        .bodyBytes(mapper.writeValueAsBytes(fields));
    return request;
  }

  private Response send(Request.Builder request) throws IOException {
    Response response = transport.execute(request.build());
    int status = response.getStatusCode();
    if (status >= 200 && status < 300) {
      return response;
    }
    try (response) {
      throw new DockerException(new String(response.getBody().readAllBytes(), UTF_8), status);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
