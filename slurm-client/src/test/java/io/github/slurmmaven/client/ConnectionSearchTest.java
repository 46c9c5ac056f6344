/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where {@link Connection#current()} looks, with a server that greets as SSH servers do. */
@Timeout(120)
class ConnectionSearchTest {

  private final Path project;
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  ConnectionSearchTest(@TempDir Path project) throws IOException {
    this.project = project;
  }

  @BeforeEach
  void greet() {
    Thread thread =
        new Thread(
            () -> {
              while (true) {
                try (Socket client = server.accept()) {
                  client.getOutputStream().write("SSH-2.0-x\r\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private Map<String, String> properties(String name, int port) {
    Path directory = project.resolve(".slurm-cluster").resolve(name);
    return new Connection(
            name,
            directory,
            "24.11",
            "debug",
            "127.0.0.1",
            port,
            "slurm",
            Optional.empty(),
            directory.resolve("ssh/id_ed25519"),
            directory.resolve("ssh/known_hosts"),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty())
        .properties();
  }

  private void start(String name, int port) {
    Path directory = project.resolve(".slurm-cluster").resolve(name);
    try {
      Files.createDirectories(directory);
      Files.createFile(directory.resolve(".rendered"));
      Files.writeString(
          directory.resolve(Connection.FILE_NAME),
          properties(name, port).entrySet().stream()
              .map(each -> each.getKey() + "=" + each.getValue() + "\n")
              .collect(Collectors.joining()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String current(String variable, Properties properties) {
    Path module = project.resolve("module/src");
    return new ConnectionSearch(Map.of(ConnectionSearch.VARIABLE, variable), properties, module)
        .current()
        .clusterName();
  }

  private Properties handedOn(int port) {
    Properties properties = new Properties();
    properties.putAll(properties("handed-on", port));
    return properties;
  }

  @Test
  void findsTheClusterOfTheNearestDirectory() throws IOException {
    start("of-directory", server.getLocalPort());
    // A definition, which makes no cluster's directory of the project.
    Files.writeString(project.resolve("cluster.yaml"), "preset: cpu\n");

    assertThat(current("", new Properties())).isEqualTo("of-directory");
  }

  @Test
  void prefersTheSystemPropertiesIfThatClusterAnswers() {
    start("of-directory", server.getLocalPort());

    assertThat(current("", handedOn(server.getLocalPort()))).isEqualTo("handed-on");
    assertThat(current("", handedOn(1))).isEqualTo("of-directory");
  }

  @Test
  void prefersTheNamedCluster() {
    start("named", server.getLocalPort());
    start("other", server.getLocalPort());

    assertThat(current("named", handedOn(server.getLocalPort()))).isEqualTo("named");
  }

  @Test
  void passesOverAClusterThatDoesNotAnswer() {
    start("killed", 1);
    start("running", server.getLocalPort());

    assertThat(current("", new Properties())).isEqualTo("running");
  }

  @Test
  void saysWhatToDoWhereThereIsNone() {
    start("killed", 1);

    assertThatThrownBy(() -> current("", new Properties()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "No running cluster was found: the system property slurm.ssh.port is not set, and no"
                + " cluster in .slurm-cluster of %s or a parent answers. Start one with slurm:start"
                + " in this directory, or run the test with mvn verify and Failsafe's"
                + " systemPropertiesFile",
            project.resolve("module/src"));
    assertThatThrownBy(() -> current("", handedOn(1)))
        .hasMessageContaining(
            "nothing answers at 127.0.0.1:1, the address in the system properties slurm.ssh.*");
  }

  @Test
  void asksWhichOfSeveralIsMeant() {
    start("one", server.getLocalPort());
    start("two", server.getLocalPort());

    assertThatThrownBy(() -> current("", new Properties()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "There are several running clusters: one, two. Name one of them in the environment"
                + " variable SLURM_TEST_CLUSTER");
  }
}
