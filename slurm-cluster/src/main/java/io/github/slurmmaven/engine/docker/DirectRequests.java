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
 * Requests that bypass docker-java, whose commands read an archive to its end even if it is closed
 * early, misread the first byte of a terminal as a header, and do not support detach keys.
 */
final class DirectRequests {

  /**
   * By default the engine detaches at Ctrl-P Ctrl-Q, and so delays every Ctrl-P, which shells use
   * for their history. Detach keys cannot be turned off. This sequence is never typed, and only its
   * rare first key is delayed.
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

  /** Requests a file or directory of a container as a tar archive. */
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
   * @param input the command's input, read on a thread of the transport
   * @return a response whose body is the command's output
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
