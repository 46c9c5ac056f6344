/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.github.slurmmaven.engine.endpoint.EngineLocator;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/** The engine without our code, to look at what we did. */
public final class RawClient {

  static final URI SOCKET = EngineLocator.candidates(Environment.system()).get(0).uri();

  private RawClient() {}

  public static DockerClient connect() {
    return DockerClientImpl.getInstance(
        new EngineClientConfig(SOCKET),
        new ZerodepDockerHttpClient.Builder().dockerHost(SOCKET).build());
  }

  /** All that the engine says of a container, also what docker-java does not model. */
  public static JsonNode inspect(String id) throws IOException {
    return get("/containers/" + id + "/json");
  }

  public static JsonNode get(String path) throws IOException {
    return new ObjectMapper().readTree(text(path));
  }

  /** The engine's answer in its own words. */
  public static String text(String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(SOCKET.getPath()))) {
      channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(UTF_8)));
      String answer = new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
      return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }
}
