/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.github.slurmmaven.common.LibraryLogs;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Runs docker-java's code of a start without an engine, so that its classes are loaded. */
final class Rehearsal {

  private static final URI NOWHERE = URI.create("unix:///nonexistent/docker.sock");

  private Rehearsal() {}

  static void run() throws IOException {
    // The library creates its first loggers here.
    LibraryLogs.onlyErrors("com.github.dockerjava");
    EngineClientConfig config = new EngineClientConfig(NOWHERE);
    try (DockerClient client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder()
                .dockerHost(NOWHERE)
                .sslConfig(NoTls::new)
                .build())) {
      try {
        // A request that the client does not repeat.
        client.createContainerCmd("image").withHostConfig(HostConfig.newHostConfig()).exec();
      } catch (RuntimeException e) {
        // No engine answers there.
      }
      ObjectMapper mapper = config.getObjectMapper();
      for (Class<?> answer : List.of(Version.class, Container.class, Network.class)) {
        mapper.readValue("{}", answer);
      }
    }
  }
}
