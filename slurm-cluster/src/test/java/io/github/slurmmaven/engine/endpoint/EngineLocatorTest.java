/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint.ClientCertificate;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint.Tls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineLocatorTest {

  // printf work | sha256sum
  private static final String SHA256_OF_WORK =
      "00e13ed7af55b27622f1d6eab5bec0147e68efe28dc2b12461117afa1a5ed40e";

  private Path directory;
  private Path home;
  private Path runtime;
  private Path defaultSocket;
  private Path systemPodman;
  private final Map<String, String> variables = new HashMap<>();

  @BeforeEach
  void setUp(@TempDir Path temporary) throws Exception {
    directory = temporary;
    home = Files.createDirectories(directory.resolve("home"));
    runtime = Files.createDirectories(directory.resolve("run"));
    defaultSocket = directory.resolve("docker.sock");
    systemPodman = directory.resolve("podman/podman.sock");
  }

  private Environment environment() {
    return new Environment(variables, home, URI.create("unix://" + defaultSocket));
  }

  private List<EngineEndpoint> candidates() {
    return EngineLocator.candidates(environment());
  }

  private EngineEndpoint onlyCandidate() {
    List<EngineEndpoint> candidates = candidates();
    assertThat(candidates).hasSize(1);
    return candidates.get(0);
  }

  private void config(String json) throws IOException {
    write(home.resolve(".docker/config.json"), json);
  }

  private static Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Nested
  @DisplayName("Order")
  class Order {

    @Test
    void dockerHostComesFirst() throws Exception {
      variables.put("DOCKER_HOST", "unix:///one.sock");
      variables.put("DOCKER_CONTEXT", "work");
      config("{\"currentContext\": \"other\"}");

      assertThat(onlyCandidate())
          .isEqualTo(
              new EngineEndpoint(URI.create("unix:///one.sock"), Optional.empty(), "DOCKER_HOST"));
    }

    @Test
    void thenDockerContext() throws Exception {
      variables.put("DOCKER_HOST", " ");
      variables.put("DOCKER_CONTEXT", "work");
      context("work", "unix:///work.sock");
      config("{\"currentContext\": \"other\"}");

      assertThat(onlyCandidate().description())
          .isEqualTo("unix:///work.sock (DOCKER_CONTEXT=work)");
    }

    @Test
    void thenCurrentContext() throws Exception {
      context("work", "unix:///work.sock");
      config("{\"currentContext\": \"work\"}");

      assertThat(onlyCandidate().description())
          .isEqualTo("unix:///work.sock (current context 'work')");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"{}", "{\"currentContext\": \"default\"}", "{\"currentContext\": \"\"}"})
    void thenTheUsualPlaces(String config) throws Exception {
      config(config);
      variables.put("XDG_RUNTIME_DIR", runtime.toString());

      assertThat(candidates())
          .extracting(EngineEndpoint::description)
          .containsExactly(
              "unix://" + defaultSocket + " (default)",
              "unix://" + runtime + "/docker.sock (rootless Docker)",
              "unix://" + home + "/.docker/run/docker.sock (Docker Desktop)",
              "unix://" + home + "/.docker/desktop/docker.sock (Docker Desktop on Linux)",
              "unix://" + runtime + "/podman/podman.sock (Podman)",
              "unix://" + systemPodman + " (Podman of the system)",
              "unix://" + home + "/.colima/default/docker.sock (Colima)",
              "unix://" + home + "/.rd/docker.sock (Rancher Desktop)",
              "unix://" + home + "/.orbstack/run/docker.sock (OrbStack)");
    }

    @Test
    void contextDefaultIsTheDefaultSocketAndNothingElse() {
      variables.put("DOCKER_CONTEXT", "default");

      assertThat(onlyCandidate().description())
          .isEqualTo("unix://" + defaultSocket + " (DOCKER_CONTEXT=default)");
    }

    @Test
    void configDirectoryCanBeElsewhere() throws Exception {
      Path elsewhere = directory.resolve("elsewhere");
      write(elsewhere.resolve("config.json"), "{\"currentContext\": \"work\"}");
      contextIn(elsewhere, "work", "unix:///work.sock");
      variables.put("DOCKER_CONFIG", elsewhere.toString());

      assertThat(onlyCandidate().uri()).hasToString("unix:///work.sock");
    }
  }

  @Nested
  @DisplayName("Addresses")
  class Addresses {

    @ParameterizedTest
    @CsvSource({
      "unix:///a/b.sock, unix:///a/b.sock",
      "unix:///with space.sock, unix:///with%20space.sock",
      "tcp://engine:1234, tcp://engine:1234",
      "tcp://engine, tcp://engine:2375",
      "engine:1234, tcp://engine:1234",
      "tcp://:1234, tcp://localhost:1234",
      "tcp://[::1]:1234, tcp://[::1]:1234",
      "tcp://engine:1/prefix, tcp://engine:1/prefix",
      "npipe:////./pipe/docker_engine, npipe:////./pipe/docker_engine"
    })
    void areReadAsTheCliDoes(String host, String uri) {
      variables.put("DOCKER_HOST", host);

      assertThat(onlyCandidate().uri()).hasToString(uri);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://engine", "unix://relative", "tcp://", "tcp://a b", "http://x:1"})
    void thatAreNoneAreRefused(String host) {
      variables.put("DOCKER_HOST", host);

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining("DOCKER_HOST=" + host)
          .hasMessageContaining(": write ");
    }

    @Test
    void sshHasAWayOut() {
      variables.put("DOCKER_HOST", "ssh://me@engine");

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining("DOCKER_HOST=ssh://me@engine uses ssh, which is not supported")
          .hasMessageContaining("not to the ports of a cluster")
          .hasMessageContaining(
              "(ssh -nNT -L 127.0.0.2:2375:/var/run/docker.sock -L 127.0.0.2:2222:127.0.0.1:2222"
                  + " me@engine)")
          .hasMessageContaining("DOCKER_HOST=tcp://127.0.0.2:2375 and the parameter port to 2222");

      variables.put("DOCKER_HOST", "ssh://me@engine:2022/var/run/docker.sock");
      assertThatThrownBy(() -> candidates()).hasMessageContaining(" -p 2022 me@engine)");
    }
  }

  @Nested
  @DisplayName("Contexts")
  class Contexts {

    @Test
    void unknownOneNamesTheExistingOnes() throws Exception {
      context("work", "unix:///work.sock");
      context("alpha", "unix:///alpha.sock");
      variables.put("DOCKER_CONTEXT", "wrok");

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining("DOCKER_CONTEXT=wrok")
          .hasMessageContaining("'default', 'alpha', 'work'");
    }

    @Test
    void brokenConfigNamesFileAndLine() throws Exception {
      config("{\n  \"currentContext\": ,\n}");

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining(home.resolve(".docker/config.json").toString())
          .hasMessageContaining("line 2");
    }

    @Test
    void brokenMetaNamesTheFile() throws Exception {
      context("work", "unix:///work.sock");
      Path meta = meta(home.resolve(".docker"));
      Files.writeString(meta, "oops");
      variables.put("DOCKER_CONTEXT", "work");

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining(meta.toString());
    }

    @Test
    void tlsMaterialIsTheirOwn() throws Exception {
      context("work", "tcp://engine:2376");
      Path tls = home.resolve(".docker/contexts/tls").resolve(SHA256_OF_WORK).resolve("docker");
      Path ca = write(tls.resolve("ca.pem"), "ca");
      Path certificate = write(tls.resolve("cert.pem"), "cert");
      Path key = write(tls.resolve("key.pem"), "key");
      variables.put("DOCKER_CONTEXT", "work");

      assertThat(onlyCandidate().tls())
          .contains(new Tls(Optional.of(ca), Optional.of(new ClientCertificate(certificate, key))));
    }

    @Test
    void skippedVerificationIsRefused() throws Exception {
      context("work", "tcp://engine:2376\", \"SkipTLSVerify\": true, \"x\": \"");
      variables.put("DOCKER_CONTEXT", "work");

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining("SkipTLSVerify");
    }
  }

  @Nested
  @DisplayName("TLS by variables")
  class TlsByVariables {

    @Test
    void needsTheVariableToBeSetToAnything() throws Exception {
      Path ca = write(directory.resolve("certs/ca.pem"), "ca");
      variables.put("DOCKER_HOST", "tcp://engine");
      variables.put("DOCKER_CERT_PATH", directory.resolve("certs").toString());
      assertThat(onlyCandidate().tls()).isEmpty();

      variables.put("DOCKER_TLS_VERIFY", "0");

      assertThat(onlyCandidate().tls()).contains(new Tls(Optional.of(ca), Optional.empty()));
      assertThat(onlyCandidate().uri()).hasToString("tcp://engine:2376");
    }

    @Test
    void looksIntoTheConfigDirectoryByDefault() throws Exception {
      Path ca = write(home.resolve(".docker/ca.pem"), "ca");
      variables.put("DOCKER_HOST", "tcp://engine:1");
      variables.put("DOCKER_TLS_VERIFY", "1");

      assertThat(onlyCandidate().tls()).contains(new Tls(Optional.of(ca), Optional.empty()));
    }

    @Test
    void doesNothingToSockets() throws Exception {
      write(home.resolve(".docker/ca.pem"), "ca");
      variables.put("DOCKER_HOST", "unix:///x.sock");
      variables.put("DOCKER_TLS_VERIFY", "1");

      assertThat(onlyCandidate().tls()).isEmpty();
    }

    @Test
    void missingFilesAreNamed() throws Exception {
      variables.put("DOCKER_HOST", "tcp://engine");
      variables.put("DOCKER_TLS_VERIFY", "1");
      variables.put("DOCKER_CERT_PATH", directory.resolve("certs").toString());

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining(directory.resolve("certs/ca.pem") + " does not exist")
          .hasMessageContaining("DOCKER_CERT_PATH");

      write(directory.resolve("certs/ca.pem"), "ca");
      write(directory.resolve("certs/key.pem"), "key");
      assertThatThrownBy(() -> candidates())
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining("cert.pem and key.pem");
    }

    @Test
    void withoutVerificationIsRefused() {
      variables.put("DOCKER_HOST", "tcp://engine");
      variables.put("DOCKER_TLS", "1");

      assertThatThrownBy(() -> candidates())
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining("DOCKER_TLS asks for TLS without verifying");
    }
  }

  @Nested
  @DisplayName("Connecting")
  class Connecting {

    private final List<String> tried = new ArrayList<>();
    private final List<Duration> limits = new ArrayList<>();

    private String connect(Map<String, IOException> failures) {
      return EngineLocator.connect(
          environment(),
          Duration.ofSeconds(120),
          (endpoint, limit) -> {
            limits.add(limit);
            tried.add(endpoint.reason());
            IOException failure = failures.get(endpoint.reason());
            if (failure != null) {
              throw failure;
            }
            return endpoint.reason();
          });
    }

    @Test
    void sharesTheTimeAmongThoseThatCanBeThere() throws Exception {
      variables.put("XDG_RUNTIME_DIR", runtime.toString());
      write(defaultSocket, "");
      write(runtime.resolve("podman/podman.sock"), "");

      connect(Map.of("default", new IOException("no answer")));

      assertThat(tried).containsExactly("default", "Podman");
      assertThat(limits).containsExactly(Duration.ofSeconds(60), Duration.ofSeconds(60));
    }

    @Test
    void givesTheOneThatWasNamedAllTheTime() {
      variables.put("DOCKER_HOST", "tcp://engine:2375");

      connect(Map.of());

      assertThat(limits).containsExactly(Duration.ofSeconds(120));
    }

    @Test
    void takesTheFirstThatAnswers() throws Exception {
      variables.put("XDG_RUNTIME_DIR", runtime.toString());
      write(defaultSocket, "");
      write(runtime.resolve("podman/podman.sock"), "");
      write(home.resolve(".colima/default/docker.sock"), "");

      assertThat(connect(Map.of("default", new ConnectException("Connection refused"))))
          .isEqualTo("Podman");
      assertThat(tried).containsExactly("default", "Podman");
    }

    @Test
    void podmanOfTheSystemIsForItsOwners() throws Exception {
      write(systemPodman, "");

      assertThatThrownBy(
              () ->
                  connect(Map.of("Podman of the system", new SocketException("Permission denied"))))
          .isInstanceOf(NoEngineException.class)
          .hasMessageContaining(
              systemPodman
                  + " (Podman of the system): permission denied; have a Podman of your own (systemctl --user enable --now podman.socket)");
      assertThat(tried).containsExactly("Podman of the system");
    }

    @Test
    void namedEngineIsTheOnlyOneTried() throws Exception {
      variables.put("DOCKER_HOST", "unix:///no/such.sock");
      write(defaultSocket, "");

      assertThatThrownBy(() -> connect(Map.of()))
          .isInstanceOf(NoEngineException.class)
          .hasMessage(
              "No container engine answers. Tried unix:///no/such.sock (DOCKER_HOST): no such"
                  + " file. Start that engine, or correct or unset DOCKER_HOST.");
      assertThat(tried).isEmpty();
    }

    @Test
    void namedContextSuggestsTheOthers() throws Exception {
      context("work", "tcp://engine.invalid:1");
      variables.put("DOCKER_CONTEXT", "work");

      assertThatThrownBy(
              () -> connect(Map.of("DOCKER_CONTEXT=work", new UnknownHostException("x"))))
          .hasMessageContaining("(DOCKER_CONTEXT=work): unknown host engine.invalid. ")
          .hasMessageContaining("'default', 'work'");
    }

    @Test
    void failureListsAllThatWasTriedInOneParagraph() throws Exception {
      variables.put("XDG_RUNTIME_DIR", runtime.toString());
      write(defaultSocket, "");
      write(runtime.resolve("docker.sock"), "");
      write(runtime.resolve("podman/podman.sock"), "");
      IOException first = new SocketException("Permission denied");

      assertThatThrownBy(
              () ->
                  connect(
                      Map.of(
                          "default",
                          first,
                          "rootless Docker",
                          new ConnectException("Connection refused"),
                          "Podman",
                          new IOException("no answer within 10 s"))))
          .isInstanceOf(NoEngineException.class)
          .hasCause(first)
          .hasMessage(
              "No container engine answers. Tried unix://%s (default): permission denied; add"
                      .formatted(defaultSocket)
                  + " yourself to the group that owns the socket (sudo usermod -aG docker $USER)"
                  + " and log in anew; unix://%s/docker.sock (rootless Docker): connection refused;"
                      .formatted(runtime)
                  + " the socket is there but no engine listens on it;"
                  + " unix://%s/.docker/run/docker.sock (Docker Desktop): no such file;"
                      .formatted(home)
                  + " unix://%s/.docker/desktop/docker.sock (Docker Desktop on Linux): no such"
                      .formatted(home)
                  + " file; unix://%s/podman/podman.sock (Podman): no answer within 10 s;"
                      .formatted(runtime)
                  + " unix://%s (Podman of the system): no such file;".formatted(systemPodman)
                  + " unix://%s/.colima/default/docker.sock (Colima): no such file;".formatted(home)
                  + " unix://%s/.rd/docker.sock (Rancher Desktop): no such file;".formatted(home)
                  + " unix://%s/.orbstack/run/docker.sock (OrbStack): no such file.".formatted(home)
                  + " Install or start Docker (https://docs.docker.com/engine/install/), or set"
                  + " DOCKER_HOST to the address of a running engine.");
    }
  }

  private void context(String name, String host) throws Exception {
    contextIn(home.resolve(".docker"), name, host);
  }

  private static void contextIn(Path config, String name, String host) throws Exception {
    String hash = name.equals("work") ? SHA256_OF_WORK : "0123456789abcdef" + name;
    write(
        config.resolve("contexts/meta").resolve(hash).resolve("meta.json"),
        """
        {"Name": "%s", "Metadata": {}, "Endpoints": {"docker": {"Host": "%s"}}}
        """
            .formatted(name, host));
  }

  private static Path meta(Path config) {
    return config.resolve("contexts/meta").resolve(SHA256_OF_WORK).resolve("meta.json");
  }
}
