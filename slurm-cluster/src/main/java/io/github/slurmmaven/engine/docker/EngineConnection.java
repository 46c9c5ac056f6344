/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.github.slurmmaven.common.LibraryLogs;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an engine, with all that requests need.
 *
 * @param endpoint the engine's address
 * @param environment the user's settings
 * @param client docker-java
 * @param direct requests that docker-java cannot make
 * @param timeouts limits for the engine's responses
 * @param failures translates its failures
 * @param requests the threads of the requests
 * @param heartbeat waits for streams that may be silent for long
 * @param version the engine's version
 * @param apiVersion the API version in use
 */
record EngineConnection(
    EngineEndpoint endpoint,
    Environment environment,
    DockerClient client,
    DirectRequests direct,
    EngineTimeouts timeouts,
    Failures failures,
    Requests requests,
    Heartbeat heartbeat,
    Version version,
    RemoteApiVersion apiVersion)
    implements AutoCloseable {

  /** The newest API version that docker-java 3.7 supports. Engine 29 still accepts it. */
  private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;

  /** The oldest API version (Docker 19.03) that has all requests used here. */
  private static final RemoteApiVersion OLDEST = RemoteApiVersion.VERSION_1_40;

  /**
   * Connects to an engine.
   *
   * @throws IOException when no engine answers there, so that the caller tries another address
   * @throws EngineException when the engine is too old or too new
   */
  static EngineConnection open(
      EngineEndpoint endpoint,
      Environment environment,
      EngineTimeouts timeouts,
      Duration connectLimit,
      Optional<Consumer<String>> requestLines)
      throws IOException {
    LibraryLogs.onlyErrors("com.github.dockerjava");
    // In parallel, because each loads hundreds of classes, which takes most of the time of a
    // connection.
    CompletableFuture<DockerHttpClient> transport = transport(endpoint, timeouts.connect());
    EngineClientConfig config = new EngineClientConfig(endpoint.uri());
    config.getObjectMapper().readerFor(Version.class);
    Failures failures = new Failures(endpoint.description(), config.getObjectMapper());
    Requests requests = new Requests(failures);
    DockerHttpClient http =
        requestLines
            .<DockerHttpClient>map(
                lines -> new RequestLog(transport.join(), config.getObjectMapper(), lines))
            .orElseGet(transport::join);
    DockerClient client = DockerClientImpl.getInstance(config, http);
    boolean connected = false;
    try {
      Version version =
          requests.ask(
              "cannot ask for the version", connectLimit, () -> client.versionCmd().exec());
      RemoteApiVersion apiVersion = negotiate(endpoint, version);
      config.pin(apiVersion);
      connected = true;
      return new EngineConnection(
          endpoint,
          environment,
          Podman.answers(version)
              ? DockerClientImpl.getInstance(config, Podman.pushingToLoopback(http))
              : client,
          new DirectRequests(http, config.getObjectMapper(), apiVersion),
          timeouts,
          failures,
          requests,
          new Heartbeat(client, requests, timeouts),
          version,
          apiVersion);
    } catch (EngineException e) {
      throw asIoFailure(e, failures, connectLimit);
    } finally {
      if (!connected) {
        requests.close();
        client.close();
      }
    }
  }

  private static CompletableFuture<DockerHttpClient> transport(
      EngineEndpoint endpoint, Duration connectLimit) throws IOException {
    ZerodepDockerHttpClient.Builder transport =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(endpoint.uri())
            .connectionTimeout(connectLimit);
    if (endpoint.tls().isPresent()) {
      SSLContext tls = TlsContext.of(endpoint.tls().get());
      transport.sslConfig(() -> tls);
    } else if (!endpoint.uri().getScheme().equals("tcp")) {
      transport.sslConfig(NoTls::new);
    }
    return CompletableFuture.supplyAsync(transport::build);
  }

  /**
   * Returns an IOException if no engine answers, so that the caller tries another address. An
   * engine that does not match is a failure.
   */
  private static IOException asIoFailure(
      EngineException failure, Failures failures, Duration connectLimit) {
    Throwable cause = failure.getCause();
    if (cause == null) {
      throw failure;
    }
    IOException io = Failures.ioCause(cause);
    if (io != null) {
      return io;
    }
    if (cause instanceof TimeoutException) {
      return new IOException(
          "no answer within %d s; an engine that is only slow needs a longer timeout"
              .formatted(connectLimit.toSeconds()),
          failure);
    }
    if (cause instanceof DockerException refusal) {
      return new IOException(failures.words(refusal), failure);
    }
    throw failure;
  }

  private static RemoteApiVersion negotiate(EngineEndpoint endpoint, Version version) {
    RemoteApiVersion newest = apiVersion(endpoint, version, version.getApiVersion());
    String minimum = version.getMinAPIVersion();
    RemoteApiVersion oldest =
        minimum == null || minimum.isEmpty() ? OLDEST : apiVersion(endpoint, version, minimum);
    boolean tooOld = OLDEST.isGreater(newest);
    if (tooOld || oldest.isGreater(NEWEST)) {
      throw new EngineException(
          Kind.OTHER,
          "%s at %s is too %s: it has API versions %s to %s, and this plugin needs one of %s to %s. %s"
              .formatted(
                  productOf(version),
                  endpoint.description(),
                  tooOld ? "old" : "new",
                  oldest.getVersion(),
                  newest.getVersion(),
                  OLDEST.getVersion(),
                  NEWEST.getVersion(),
                  tooOld
                      ? "Update the engine"
                      : "Use a newer version of slurm-maven-plugin, or an older one of the engine"),
          null);
    }
    return newest.isGreater(NEWEST) ? NEWEST : newest;
  }

  private static RemoteApiVersion apiVersion(
      EngineEndpoint endpoint, Version version, @Nullable String said) {
    try {
      return RemoteApiVersion.parseConfig(String.valueOf(said));
    } catch (IllegalArgumentException e) {
      throw new EngineException(
          Kind.OTHER,
          "%s at %s reports API version '%s', which this plugin does not know. Use an engine with a Docker API"
              .formatted(productOf(version), endpoint.description(), said),
          e);
    }
  }

  /** Returns product and version, for messages. */
  static String productOf(Version version) {
    return (Podman.answers(version) ? "Podman " : "Docker Engine ") + version.getVersion();
  }

  /** Whether the engine is Podman. */
  boolean isPodman() {
    return Podman.answers(version);
  }

  /** Sends a request and waits for its response, with the usual limit. */
  <T> T ask(String doing, Callable<T> request) {
    return requests.ask(doing, timeouts.answer(), request);
  }

  /** Sends a request without a result and waits for its end. */
  void change(String doing, Callable<?> request) {
    change(doing, timeouts.answer(), request);
  }

  /** As {@link #change(String, Callable)}, with another limit. */
  void change(String doing, Duration limit, Callable<?> request) {
    requests.ask(
        doing,
        limit,
        () -> {
          request.call();
          return true;
        });
  }

  /** Waits for the end of a stream, without a limit. */
  void awaitEnd(String doing, EngineStream<?> stream) {
    try {
      heartbeat.await(doing, stream);
    } catch (InterruptedException e) {
      throw Requests.interrupted(doing, e);
    }
    stream.throwIfBroken(doing, failures);
  }

  @Override
  public void close() {
    requests.close();
    try {
      client.close();
    } catch (IOException e) {
      throw failures.translate("cannot close the connection", e);
    }
  }
}
