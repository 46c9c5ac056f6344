/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.ConnectionSearch;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.mock.MockSlurm;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A cluster that runs already")
class RunningClustersTest {

  private static final RequestedCluster ANY = requested(Any.class);
  private static final RequestedCluster GPU = requested(Gpu.class);

  private static MockSlurm mock;

  @TempDir private Path project;
  private Path module;

  @SlurmTest
  private static final class Any {}

  @GpuClusterTest
  private static final class Gpu {}

  @SlurmTest(engine = "embedded")
  private static final class Embedded {}

  @SlurmTest(engine = "auto")
  private static final class Auto {}

  @SlurmTest(engine = "docker")
  private static final class Docker {}

  @SlurmTest(withPyxis = true)
  private static final class Pyxis {}

  @SlurmTest(accounting = true)
  private static final class Accounting {}

  @SlurmTest(jobClock = true)
  private static final class JobClock {}

  @SlurmTest(preset = "gpus")
  private static final class Unknown {}

  private static RequestedCluster requested(Class<?> type) {
    return RequestedCluster.of(
        org.junit.platform.commons.support.AnnotationSupport.findAnnotation(type, SlurmTest.class)
            .orElseThrow());
  }

  @BeforeAll
  static void start() {
    mock = MockSlurm.start();
  }

  @AfterAll
  static void close() {
    mock.close();
  }

  @BeforeEach
  void makeModule() throws IOException {
    module = Files.createDirectories(project.resolve("module/src"));
  }

  private Connection cluster(String name, int port, Optional<RequestedCluster> requested)
      throws IOException {
    Connection of = mock.connection();
    Path directory = Files.createDirectories(project.resolve(".slurm-cluster").resolve(name));
    Connection connection =
        new Connection(
            name,
            directory,
            of.slurmVersion(),
            of.partition(),
            of.sshHost(),
            port,
            of.sshUser(),
            of.sshPassword(),
            of.sshPrivateKey(),
            of.sshKnownHosts(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty());
    Files.writeString(directory.resolve(Connection.FILE_NAME), text(connection));
    // What a cluster's directory is known by.
    Files.createFile(directory.resolve(".rendered"));
    Files.writeString(
        directory.resolve("cluster.yaml"), ClusterYaml.write(requested.orElse(ANY).toDefinition()));
    return connection;
  }

  private static String text(Connection connection) throws IOException {
    Properties properties = new Properties();
    properties.putAll(connection.properties());
    StringWriter text = new StringWriter();
    properties.store(text, null);
    return text.toString();
  }

  private Optional<String> find(
      String variable, Properties properties, RequestedCluster requested) {
    Map<String, String> environment =
        variable.isEmpty() ? Map.of() : Map.of(ConnectionSearch.VARIABLE, variable);
    return new RunningClusters(new ConnectionSearch(environment, properties, module))
        .find(requested)
        .map(Connection::clusterName);
  }

  private int port() {
    return mock.connection().sshPort();
  }

  @Test
  @DisplayName("is found in a parent directory, if it fits")
  void ofParentDirectory() throws IOException {
    cluster("cpu", port(), Optional.empty());
    assertThat(find("", new Properties(), ANY)).contains("cpu");
    assertThat(find("", new Properties(), GPU)).isEmpty();

    cluster("gpu", port(), Optional.of(GPU));
    assertThat(find("", new Properties(), GPU)).contains("gpu");
  }

  @Test
  @DisplayName("is only taken when it lives where it is asked for")
  void ofEngine() throws IOException {
    Connection there = cluster("processes", port(), Optional.empty());
    assertThat(find("", new Properties(), requested(Embedded.class))).contains("processes");
    assertThat(find("", new Properties(), requested(Auto.class))).contains("processes");
    assertThat(find("", new Properties(), requested(Docker.class))).isEmpty();

    Files.createFile(there.directory().resolve("docker-compose.yml"));
    assertThat(find("", new Properties(), requested(Embedded.class))).isEmpty();
    assertThat(find("", new Properties(), requested(Docker.class))).contains("processes");
  }

  @Test
  @DisplayName("is only taken for jobs in containers when it has Pyxis")
  void ofPyxis() throws IOException {
    cluster("plain", port(), Optional.empty());
    assertThat(find("", new Properties(), requested(Pyxis.class))).isEmpty();

    cluster("pyxis", port(), Optional.of(requested(Pyxis.class)));
    assertThat(find("", new Properties(), requested(Pyxis.class))).contains("pyxis");
  }

  @Test
  @DisplayName("is only taken for accounting when it has some")
  void ofAccounting() throws IOException {
    cluster("plain", port(), Optional.empty());
    assertThat(find("", new Properties(), requested(Accounting.class))).isEmpty();

    cluster("recorded", port(), Optional.of(requested(Accounting.class)));
    assertThat(find("", new Properties(), requested(Accounting.class))).contains("recorded");
  }

  @Test
  @DisplayName("is only taken for programs that see its time when they do")
  void ofJobClock() throws IOException {
    cluster("plain", port(), Optional.empty());
    assertThat(find("", new Properties(), requested(JobClock.class))).isEmpty();

    cluster("clocked", port(), Optional.of(requested(JobClock.class)));
    assertThat(find("", new Properties(), requested(JobClock.class))).contains("clocked");
  }

  @Test
  @DisplayName("is not taken when nobody answers there")
  void stale() throws IOException {
    cluster("dead", 1, Optional.empty());
    assertThat(find("", new Properties(), ANY)).isEmpty();
  }

  @Test
  @DisplayName("of the system properties goes before")
  void ofProperties() throws IOException {
    cluster("directory", port(), Optional.empty());
    Properties properties = new Properties();
    properties.putAll(mock.connection().properties());
    assertThat(find("", properties, ANY)).contains("mock");

    properties.setProperty("slurm.ssh.port", "1");
    assertThat(find("", properties, ANY)).contains("directory");
  }

  @Test
  @DisplayName("of the environment goes before all: a name, a directory, or a file")
  void ofEnvironment() throws IOException {
    Connection named = cluster("named", port(), Optional.empty());
    Properties properties = new Properties();
    properties.putAll(mock.connection().properties());
    for (String variable :
        new String[] {
          "named",
          named.directory().toString(),
          named.directory().resolve(Connection.FILE_NAME).toString(),
          "../../.slurm-cluster/named"
        }) {
      assertThat(find(variable, properties, ANY)).as(variable).contains("named");
    }
  }

  @Test
  @DisplayName("of the environment must be there, answer, and fit")
  void wrongEnvironment() throws IOException {
    assertThatThrownBy(() -> find("nope", new Properties(), ANY))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("SLURM_TEST_CLUSTER is 'nope'")
        .hasMessageContaining("unset the variable");
    cluster("dead", 1, Optional.empty());
    assertThatThrownBy(() -> find("dead", new Properties(), ANY))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("nothing answers at 127.0.0.1:1");
    cluster("cpu", port(), Optional.empty());
    assertThatThrownBy(() -> find("cpu", new Properties(), GPU))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("not what the test asks for");
  }

  @Test
  @DisplayName("does not hide a mistake in the annotation")
  void wrongAnnotation() throws IOException {
    cluster("cpu", port(), Optional.empty());
    assertThatThrownBy(() -> find("", new Properties(), requested(Unknown.class)))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("gpus")
        .hasMessageContaining("multi-node");
  }
}
