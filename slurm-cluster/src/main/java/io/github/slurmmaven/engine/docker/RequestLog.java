/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prints each request before it is sent: method, path with query, and a few fields of the body.
 * Other fields contain variables and scripts, and headers contain credentials.
 */
final class RequestLog implements DockerHttpClient {

  /** Build arguments contain the user's proxies with their passwords. */
  private static final String SECRET_PARAMETER = "buildargs";

  private static final List<String> SHOWN = List.of("Name", "Image", "Container", "User");

  private final DockerHttpClient transport;
  private final ObjectMapper mapper;
  private final Consumer<String> lines;

  RequestLog(DockerHttpClient transport, ObjectMapper mapper, Consumer<String> lines) {
    this.transport = transport;
    this.mapper = mapper;
    this.lines = lines;
  }

  @Override
  public Response execute(Request request) {
    lines.accept(request.method() + " " + target(request.path()) + summary(request.bodyBytes()));
    return transport.execute(request);
  }

  private static String target(String path) {
    int query = path.indexOf('?');
    if (query < 0) {
      return path;
    }
    return path.substring(0, query)
        + Arrays.stream(path.substring(query + 1).split("&", -1))
            .map(RequestLog::parameter)
            .collect(Collectors.joining("&", "?", ""));
  }

  private static String parameter(String parameter) {
    return parameter.startsWith(SECRET_PARAMETER + "=")
        ? SECRET_PARAMETER + "=…"
        : onOneLine(URLDecoder.decode(parameter, UTF_8));
  }

  private String summary(byte @Nullable [] body) {
    if (body == null) {
      return "";
    }
    JsonNode fields;
    try {
      fields = mapper.readTree(body);
    } catch (IOException e) {
      return "";
    }
    StringJoiner summary = new StringJoiner(", ", " {", "}").setEmptyValue("");
    for (String name : SHOWN) {
      String value = fields.path(name).textValue();
      if (value != null) {
        summary.add(name + ": " + onOneLine(value));
      }
    }
    // Only the program, because its arguments may be a script.
    String program = fields.path("Cmd").path(0).textValue();
    if (program != null) {
      summary.add("Cmd: " + onOneLine(program));
    }
    return summary.toString();
  }

  private static String onOneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  @Override
  public void close() throws IOException {
    transport.close();
  }
}
