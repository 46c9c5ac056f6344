/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.FakeContainerEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The container backend on an engine in memory. Published ports are really listened on while their
 * container runs, and greet as an SSH server does.
 */
public final class FakeBackend implements AutoCloseable {

  public final FakeContainerEngine engine = new FakeContainerEngine();
  public final RecordingProgress progress = new RecordingProgress();

  private final Map<Integer, ServerSocket> published = new ConcurrentHashMap<>();
  private volatile Optional<String> greeting = Optional.empty();

  /** Sets the greeting of published ports. */
  FakeBackend greetingWith(String text) {
    greeting = Optional.of(text);
    return this;
  }

  /** A cluster here, on any free port. */
  public ClusterRequest.Builder cluster(Path outputDirectory) {
    return ClusterRequest.builder()
        .outputDirectory(outputDirectory)
        .ssh(ssh -> ssh.port(0))
        .progress(progress)
        .backend(this::connect)
        .login(FakeBackend::login);
  }

  /** Looks at the files that a login needs: what listens here does no more than greet. */
  private static void login(Connection connection) {
    String address = "[" + connection.sshHost() + "]:" + connection.sshPort() + " ";
    try {
      String key = Files.readString(Path.of(connection.sshPrivateKey() + ".pub")).strip();
      Path authorized =
          connection.directory().resolve("secrets/authorized_keys").resolve(connection.sshUser());
      if (!Files.readString(authorized).contains(key)
          || !Files.readString(connection.sshKnownHosts()).startsWith(address)
          || !Files.readString(connection.sshPrivateKey()).contains("-----END ")) {
        throw new AssertionError("no login is possible with " + connection);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A connection; the engine survives its end, as a real one does. */
  public ContainerBackend connect() {
    return new ContainerBackend(
        (ContainerEngine)
            Proxy.newProxyInstance(
                ContainerEngine.class.getClassLoader(),
                new Class<?>[] {ContainerEngine.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "close" -> null;
                      case "startContainer" -> {
                        start((String) arguments[0]);
                        yield null;
                      }
                      case "stopContainer", "removeContainer" -> {
                        unpublish((String) arguments[0]);
                        yield invoke(method, arguments);
                      }
                      default -> invoke(method, arguments);
                    }),
        Map.of());
  }

  private Object invoke(java.lang.reflect.Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(engine, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private void start(String id) {
    engine.startContainer(id);
    ContainerState state = engine.inspectContainer(id);
    for (PortBinding port : state.ports()) {
      try {
        publish(port.hostPort(), engine.definitionOf(id));
      } catch (IOException e) {
        engine.stopContainer(id, java.time.Duration.ZERO);
        throw new EngineException(
            EngineException.Kind.PORT_IN_USE,
            "cannot start container " + state.name() + ": port " + port.hostPort() + ": " + e,
            e);
      }
    }
  }

  private void publish(int port, ContainerDefinition container) throws IOException {
    if (published.containsKey(port)) {
      return;
    }
    ServerSocket server = new ServerSocket(port, 5, InetAddress.getLoopbackAddress());
    published.put(port, server);
    Thread thread = new Thread(() -> greet(server, container), "fake-sshd-" + port);
    thread.setDaemon(true);
    thread.start();
  }

  private void greet(ServerSocket server, ContainerDefinition container) {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        String text = greeting.isPresent() ? greeting.get() : "SSH-2.0-Fake " + mark(container);
        client.getOutputStream().write((text + "\r\n").getBytes(US_ASCII));
      } catch (IOException e) {
        // Closed by the test or by the client.
      }
    }
  }

  /** Of the host key that the container sees. */
  private static String mark(ContainerDefinition container) throws IOException {
    for (ContainerDefinition.Mount mount : container.mounts()) {
      if (mount.target().equals("/run/slurm-cluster/secrets")) {
        Path file = Path.of(mount.source()).resolve("ssh_host_ed25519_key.pub");
        String key = Files.readString(file).strip().split(" ", 3)[1];
        return "key:" + key.substring(key.length() - 16);
      }
    }
    return "";
  }

  private void unpublish(String id) {
    try {
      engine.definitionOf(id).ports().forEach(port -> close(port.hostPort()));
    } catch (EngineException e) {
      // Already removed.
    }
  }

  private void close(int port) {
    ServerSocket server = published.remove(port);
    if (server != null) {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    published.keySet().forEach(this::close);
  }
}
