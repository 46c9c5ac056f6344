/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTest {

  private static Connection connection(String directory, Optional<String> password) {
    return new Connection(
        "slurm-test",
        Path.of(directory),
        "24.11",
        "debug",
        "127.0.0.1",
        2222,
        "slurm",
        password,
        Path.of(directory, "ssh/id_ed25519"),
        Path.of(directory, "ssh/known_hosts"),
        Map.of("alice", Path.of(directory, "ssh/alice_ed25519")),
        Optional.of("localhost:5000"),
        Optional.of("registry:5000"),
        Map.of("app", "registry:5000/test/app:1"),
        Optional.of(
            new RestAccess(
                URI.create("http://127.0.0.1:6820"),
                "slurm",
                "secret-of-slurm",
                Map.of("alice", "secret-of-alice"),
                List.of("v0.0.41", "v0.0.42"))));
  }

  private static String text(Connection connection) throws IOException {
    Properties properties = new Properties();
    properties.putAll(connection.properties());
    StringWriter text = new StringWriter();
    properties.store(text, null);
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/home/user/.slurm-cluster/slurm-test",
        "/with a space /and  two",
        "/back\\slash\\u0041",
        "/a=b:c#d!e",
        "/ünï/漢字",
        "/dollar $HOME ${project.basedir}"
      })
  void propertiesAreReadBack(String directory) throws IOException {
    Connection connection = connection(directory, Optional.of("slurm"));

    assertThat(Connection.read(text(connection))).isEqualTo(connection);
  }

  @Test
  void itsTextHasNoToken() {
    assertThat(connection("/c", Optional.empty()).toString())
        .contains("http://127.0.0.1:6820")
        .doesNotContain("secret-of");
  }

  @Test
  void withoutPasswordThereIsNoSuchProperty() throws IOException {
    Connection connection = connection("/c", Optional.empty());

    assertThat(connection.properties()).doesNotContainKey("slurm.ssh.password");
    assertThat(Connection.read(text(connection))).isEqualTo(connection);
  }

  @Test
  void propertiesAreAsDocumented() {
    assertThat(connection("/c", Optional.of("secret")).properties())
        .containsOnly(
            java.util.Map.entry("slurm.cluster.name", "slurm-test"),
            java.util.Map.entry("slurm.cluster.directory", "/c"),
            java.util.Map.entry("slurm.version", "24.11"),
            java.util.Map.entry("slurm.partition", "debug"),
            java.util.Map.entry("slurm.ssh.host", "127.0.0.1"),
            java.util.Map.entry("slurm.ssh.port", "2222"),
            java.util.Map.entry("slurm.ssh.user", "slurm"),
            java.util.Map.entry("slurm.ssh.password", "secret"),
            java.util.Map.entry("slurm.ssh.privateKey", "/c/ssh/id_ed25519"),
            java.util.Map.entry("slurm.ssh.knownHosts", "/c/ssh/known_hosts"),
            java.util.Map.entry("slurm.ssh.privateKey.alice", "/c/ssh/alice_ed25519"),
            java.util.Map.entry("slurm.registry", "localhost:5000"),
            java.util.Map.entry("slurm.registry.internal", "registry:5000"),
            java.util.Map.entry("slurm.rest.url", "http://127.0.0.1:6820"),
            Map.entry("slurm.rest.token", "secret-of-slurm"),
            Map.entry("slurm.rest.token.alice", "secret-of-alice"),
            Map.entry("slurm.rest.version", "v0.0.42"),
            Map.entry("slurm.rest.versions", "v0.0.41,v0.0.42"),
            Map.entry("slurm.image.app", "registry:5000/test/app:1"));
  }

  @Test
  void missingPropertyIsNamed() {
    assertThatThrownBy(() -> Connection.read("slurm.cluster.name=a\n"))
        .hasMessageContaining("connection.properties has no slurm.cluster.directory");
  }
}
