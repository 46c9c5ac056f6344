/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint.ClientCertificate;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint.Tls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the container engine as the docker CLI does, and at the usual addresses if none is named.
 *
 * <p>The order: {@code DOCKER_HOST}, {@code DOCKER_CONTEXT}, {@code currentContext} of the CLI's
 * {@code config.json}, the default socket. Only if none of the first three names an engine, the
 * usual sockets of other engines are tried after the default one.
 *
 * @see <a href="https://docs.docker.com/engine/manage-resources/contexts/">Docker contexts</a>
 */
public final class EngineLocator {

  private static final String DEFAULT_CONTEXT = "default";
  private static final String DOCKER_HOST = "DOCKER_HOST";
  private static final String DOCKER_CONTEXT = "DOCKER_CONTEXT";
  private static final String DOCKER_TLS = "DOCKER_TLS";
  private static final String DOCKER_TLS_VERIFY = "DOCKER_TLS_VERIFY";
  private static final String DOCKER_CERT_PATH = "DOCKER_CERT_PATH";

  private static final String PODMAN_SOCKET = "podman/podman.sock";

  /**
   * Sockets of engines for which the docker CLI needs a context, in the order in which they are
   * tried.
   */
  private static final List<UsualSocket> USUAL_SOCKETS =
      List.of(
          new UsualSocket(Base.RUNTIME, "docker.sock", "rootless Docker"),
          new UsualSocket(Base.HOME, ".docker/run/docker.sock", "Docker Desktop"),
          new UsualSocket(Base.HOME, ".docker/desktop/docker.sock", "Docker Desktop on Linux"),
          new UsualSocket(Base.RUNTIME, PODMAN_SOCKET, "Podman"),
          new UsualSocket(Base.SYSTEM, PODMAN_SOCKET, "Podman of the system"),
          new UsualSocket(Base.HOME, ".colima/default/docker.sock", "Colima"),
          new UsualSocket(Base.HOME, ".rd/docker.sock", "Rancher Desktop"),
          new UsualSocket(Base.HOME, ".orbstack/run/docker.sock", "OrbStack"));

  private EngineLocator() {}

  private enum Base {
    /** The user's runtime directory, if there is one. */
    RUNTIME,
    /** The user's home directory. */
    HOME,
    /** The directory of the default socket, if that is a file. */
    SYSTEM
  }

  private record UsualSocket(Base base, String path, String whose) {

    Optional<EngineEndpoint> in(Environment environment) {
      Optional<Path> directory =
          switch (base) {
            case RUNTIME -> environment.variable("XDG_RUNTIME_DIR").map(Path::of);
            case HOME -> Optional.of(environment.home());
            case SYSTEM ->
                Optional.of(environment.defaultHost())
                    .filter(EngineLocator::isUnix)
                    .map(host -> Path.of(host.getPath()).resolveSibling(""));
          };
      return directory.map(found -> socket(found.resolve(path), whose));
    }
  }

  /** Opens the connection to an engine. */
  @FunctionalInterface
  public interface Opener<T> {
    /**
     * Opens the connection.
     *
     * @param limit how long to wait for an answer
     * @throws IOException if no engine answers there
     */
    T open(EngineEndpoint endpoint, Duration limit) throws IOException;
  }

  /**
   * Returns the addresses to try, in order; only one if the user named it.
   *
   * @throws NoEngineException if the user's address is invalid
   */
  public static List<EngineEndpoint> candidates(Environment environment) {
    Optional<String> host = environment.variable(DOCKER_HOST);
    if (host.isPresent()) {
      return List.of(fromVariables(environment, host.get()));
    }
    Optional<String> context = environment.variable(DOCKER_CONTEXT);
    if (context.isPresent()) {
      return List.of(fromContext(environment, context.get(), DOCKER_CONTEXT + "=" + context.get()));
    }
    Optional<String> current = DockerCliConfig.read(environment).currentContext();
    if (current.isPresent() && !current.get().equals(DEFAULT_CONTEXT)) {
      return List.of(
          fromContext(environment, current.get(), "current context '" + current.get() + "'"));
    }
    List<EngineEndpoint> candidates = new ArrayList<>();
    candidates.add(defaultEndpoint(environment, "default"));
    USUAL_SOCKETS.forEach(usual -> usual.in(environment).ifPresent(candidates::add));
    return candidates;
  }

  /** Whether the user named an engine, so that no other is tried. */
  public static boolean isNamed(Environment environment) {
    return environment.variable(DOCKER_HOST).isPresent()
        || environment.variable(DOCKER_CONTEXT).isPresent()
        || DockerCliConfig.read(environment)
            .currentContext()
            .filter(context -> !context.equals(DEFAULT_CONTEXT))
            .isPresent();
  }

  /**
   * Opens the first candidate that answers.
   *
   * @param limit how long to wait for an answer; several candidates share it
   * @throws NoEngineException if no engine answers
   */
  public static <T> T connect(Environment environment, Duration limit, Opener<T> opener) {
    List<EngineEndpoint> candidates = candidates(environment);
    long there = candidates.stream().filter(EngineLocator::canBeThere).count();
    Duration share = limit.dividedBy(Math.max(1, there));
    List<String> failures = new ArrayList<>();
    List<IOException> causes = new ArrayList<>();
    for (EngineEndpoint candidate : candidates) {
      if (!canBeThere(candidate)) {
        failures.add(candidate.description() + ": no such file");
        continue;
      }
      try {
        return opener.open(candidate, share);
      } catch (IOException e) {
        failures.add(candidate.description() + ": " + explain(candidate, e));
        causes.add(e);
      }
    }
    NoEngineException failure =
        new NoEngineException(
            "No container engine answers. Tried "
                + String.join("; ", failures)
                + ". "
                + advice(environment, candidates),
            causes.isEmpty() ? null : causes.get(0));
    causes.stream().skip(1).forEach(failure::addSuppressed);
    throw failure;
  }

  private static String advice(Environment environment, List<EngineEndpoint> candidates) {
    if (candidates.size() > 1) {
      return "Install or start Docker (https://docs.docker.com/engine/install/), or set DOCKER_HOST"
          + " to the address of a running engine.";
    }
    if (environment.variable(DOCKER_HOST).isPresent()) {
      return "Start that engine, or correct or unset DOCKER_HOST.";
    }
    return "Start that engine, or choose another context: "
        + contextNames(environment)
        + " (docker context use NAME, or DOCKER_CONTEXT).";
  }

  private static String explain(EngineEndpoint endpoint, IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.toLowerCase(Locale.ROOT).contains("permission denied")) {
      if (isUnix(endpoint.uri()) && endpoint.uri().getPath().endsWith(PODMAN_SOCKET)) {
        return "permission denied; have a Podman of your own (systemctl --user enable --now"
            + " podman.socket)";
      }
      return "permission denied; add yourself to the group that owns the socket (sudo usermod -aG"
          + " docker $USER) and log in anew";
    }
    if (failure instanceof UnknownHostException) {
      return "unknown host " + endpoint.uri().getHost();
    }
    if (failure instanceof SocketTimeoutException) {
      return "no answer (" + message + ")";
    }
    if (failure instanceof ConnectException && message.contains("refused")) {
      return isUnix(endpoint.uri())
          ? "connection refused; the socket is there but no engine listens on it"
          : "connection refused; no engine listens there";
    }
    return message;
  }

  private static EngineEndpoint fromVariables(Environment environment, String host) {
    Optional<Tls> tls = tlsFromVariables(environment);
    URI uri = parse(host, tls.isPresent(), DOCKER_HOST + "=" + host);
    return new EngineEndpoint(uri, onlyFor(uri, tls), DOCKER_HOST);
  }

  private static EngineEndpoint defaultEndpoint(Environment environment, String reason) {
    URI uri = environment.defaultHost();
    return new EngineEndpoint(uri, onlyFor(uri, tlsFromVariables(environment)), reason);
  }

  private static EngineEndpoint socket(Path path, String reason) {
    return new EngineEndpoint(unix(path.toString()), Optional.empty(), reason);
  }

  private static EngineEndpoint fromContext(Environment environment, String name, String reason) {
    if (name.equals(DEFAULT_CONTEXT)) {
      return defaultEndpoint(environment, reason);
    }
    String hash = Sha256.of(name);
    Path contexts = environment.dockerConfigDirectory().resolve("contexts");
    Path meta = contexts.resolve("meta").resolve(hash).resolve("meta.json");
    if (!Files.exists(meta)) {
      throw new NoEngineException(
          reason
              + ": there is no such Docker context below "
              + contexts
              + "; the existing ones are "
              + contextNames(environment)
              + ". Create it (docker context create), or name another one.");
    }
    JsonNode docker = DockerCliConfig.parse(meta).path("Endpoints").path("docker");
    Optional<Tls> tls = tlsFromDirectory(contexts.resolve("tls").resolve(hash).resolve("docker"));
    Optional<String> host = DockerCliConfig.text(docker, "Host");
    URI uri =
        host.map(address -> parse(address, tls.isPresent(), reason + ": " + address))
            .orElseGet(environment::defaultHost);
    if (docker.path("SkipTLSVerify").asBoolean() && uri.getScheme().equals("tcp")) {
      throw unverified(reason + ": SkipTLSVerify in " + meta);
    }
    return new EngineEndpoint(uri, onlyFor(uri, tls), reason);
  }

  private static String contextNames(Environment environment) {
    Path meta = environment.dockerConfigDirectory().resolve("contexts/meta");
    List<String> names = new ArrayList<>(List.of(DEFAULT_CONTEXT));
    if (Files.isDirectory(meta)) {
      try (Stream<Path> directories = Files.list(meta)) {
        directories
            .map(directory -> directory.resolve("meta.json"))
            .filter(Files::exists)
            .flatMap(file -> DockerCliConfig.text(DockerCliConfig.parse(file), "Name").stream())
            .sorted()
            .forEach(names::add);
      } catch (IOException e) {
        return DEFAULT_CONTEXT + " (" + meta + " cannot be listed: " + FileFailure.of(e) + ")";
      }
    }
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }

  private static Optional<Tls> onlyFor(URI uri, Optional<Tls> tls) {
    return uri.getScheme().equals("tcp") ? tls : Optional.empty();
  }

  // As in the docker CLI, any value of DOCKER_TLS_VERIFY turns it on, even 0.
  private static Optional<Tls> tlsFromVariables(Environment environment) {
    if (environment.variable(DOCKER_TLS_VERIFY).isEmpty()) {
      if (environment.variable(DOCKER_TLS).isPresent()) {
        throw unverified(DOCKER_TLS);
      }
      return Optional.empty();
    }
    Path directory =
        environment
            .variable(DOCKER_CERT_PATH)
            .map(Path::of)
            .orElseGet(environment::dockerConfigDirectory);
    if (!Files.exists(directory.resolve("ca.pem"))) {
      throw new NoEngineException(
          DOCKER_TLS_VERIFY
              + " is set, but "
              + directory.resolve("ca.pem")
              + " does not exist: set "
              + DOCKER_CERT_PATH
              + " to the directory that holds ca.pem, cert.pem and key.pem, or unset "
              + DOCKER_TLS_VERIFY
              + ".");
    }
    return tlsFromDirectory(directory);
  }

  private static Optional<Tls> tlsFromDirectory(Path directory) {
    Optional<Path> ca = existing(directory.resolve("ca.pem"));
    Optional<Path> certificate = existing(directory.resolve("cert.pem"));
    Optional<Path> key = existing(directory.resolve("key.pem"));
    if (certificate.isPresent() != key.isPresent()) {
      throw new NoEngineException(
          directory + " must hold both cert.pem and key.pem, or neither: one is missing.");
    }
    if (ca.isEmpty() && certificate.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Tls(ca, certificate.flatMap(file -> key.map(its -> new ClientCertificate(file, its)))));
  }

  private static Optional<Path> existing(Path file) {
    return Optional.of(file).filter(Files::exists);
  }

  private static NoEngineException unverified(String what) {
    return new NoEngineException(
        what
            + " asks for TLS without verifying the engine's certificate, which is not supported:"
            + " trust its CA instead (DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or docker context"
            + " create --docker ca=…).");
  }

  private static URI parse(String address, boolean tls, String source) {
    int separator = address.indexOf("://");
    String scheme = separator < 0 ? "tcp" : address.substring(0, separator);
    String rest = separator < 0 ? address : address.substring(separator + 3);
    return switch (scheme) {
      case "unix" -> {
        if (!rest.startsWith("/")) {
          throw new NoEngineException(
              source + " is not an absolute path: write unix:///path/of/the/socket.");
        }
        yield unix(rest);
      }
      case "npipe" -> URI.create(address);
      case "tcp" -> tcp(rest, tls, source);
      case "ssh" ->
          throw new NoEngineException(
              source
                  + " uses ssh, which is not supported: it would lead to the engine, but not to the"
                  + " ports of a cluster. Keep a tunnel to both open (ssh -nNT -L"
                  + " 127.0.0.2:2375:/var/run/docker.sock -L 127.0.0.2:2222:127.0.0.1:2222"
                  + sshDestination(rest)
                  + "), set DOCKER_HOST=tcp://127.0.0.2:2375 and the parameter port to 2222."
                  + " Meanwhile every user of this machine can use that engine.");
      default ->
          throw new NoEngineException(
              source
                  + " is not an engine's address: write unix:///path/of/the/socket or"
                  + " tcp://host:port.");
    };
  }

  /** Returns the arguments of the ssh program for an address after {@code ssh://}. */
  private static String sshDestination(String rest) {
    int slash = rest.indexOf('/');
    String destination = slash < 0 ? rest : rest.substring(0, slash);
    int colon = destination.lastIndexOf(':');
    return colon < 0
        ? " " + destination
        : " -p " + destination.substring(colon + 1) + " " + destination.substring(0, colon);
  }

  private static URI unix(String path) {
    try {
      return new URI("unix", "", path, null, null);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static URI tcp(String rest, boolean tls, String source) {
    try {
      URI uri = new URI("tcp://" + (rest.startsWith(":") ? "localhost" + rest : rest));
      if (uri.getHost() == null) {
        throw new URISyntaxException(rest, "no host name");
      }
      int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 2376 : 2375;
      return new URI("tcp", null, uri.getHost(), port, uri.getPath(), null, null);
    } catch (URISyntaxException e) {
      throw new NoEngineException(
          source + " is not an engine's address (" + e.getReason() + "): write tcp://host:port.",
          e);
    }
  }

  private static boolean canBeThere(EngineEndpoint candidate) {
    return !isUnix(candidate.uri()) || Files.exists(Path.of(candidate.uri().getPath()));
  }

  private static boolean isUnix(URI uri) {
    return uri.getScheme().equals("unix");
  }
}
