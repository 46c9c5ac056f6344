/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.Connection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ConnectionPropertiesTest {

  private final Properties project = new Properties();
  private final List<String> warnings = new ArrayList<>();
  private final ConnectionProperties properties = new ConnectionProperties(project, warnings::add);

  private static Connection connection(String name, int port, Optional<String> registry) {
    Path directory = Path.of("/clusters", name);
    return new Connection(
        name,
        directory,
        "24.11",
        "debug",
        "127.0.0.1",
        port,
        "slurm",
        registry.map(address -> "secret"),
        directory.resolve("key"),
        directory.resolve("known_hosts"),
        Map.of(),
        registry,
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  @Test
  void areThereWithAndWithoutTheClustersName() {
    properties.set(connection("one", 2222, Optional.of("localhost:5000")));

    assertThat(project)
        .containsEntry("slurm.ssh.port", "2222")
        .containsEntry("slurm.one.ssh.port", "2222")
        .containsEntry("slurm.one.registry", "localhost:5000")
        .containsEntry("slurm.one.cluster.directory", Path.of("/clusters/one").toString());
    assertThat(warnings).isEmpty();
  }

  @Test
  void ofASecondClusterReplaceThoseWithoutANameWithAWarning() {
    properties.set(connection("one", 2222, Optional.of("localhost:5000")));
    properties.set(connection("two-b", 2223, Optional.empty()));

    assertThat(project)
        .containsEntry("slurm.ssh.port", "2223")
        .containsEntry("slurm.one.ssh.port", "2222")
        .containsEntry("slurm.two-b.ssh.port", "2223")
        .containsEntry("slurm.cluster.name", "two-b");
    assertThat(warnings)
        .containsExactly(
            "This project has several clusters: slurm.ssh.port and its sisters are those of cluster two-b from now on. Those of one are slurm.one.ssh.port and so on");
  }

  @Test
  void thatASecondClusterLacksAreNotThoseOfTheFirst() {
    properties.set(connection("one", 2222, Optional.of("localhost:5000")));
    properties.set(connection("two", 2223, Optional.empty()));

    assertThat(project)
        .doesNotContainKeys("slurm.registry", "slurm.ssh.password")
        .containsKeys("slurm.one.registry", "slurm.one.ssh.password");
  }

  @Test
  void ofTheSameClusterAreSetAgainWithoutAWarning() {
    properties.set(connection("one", 2222, Optional.empty()));
    properties.set(connection("one", 2224, Optional.empty()));

    assertThat(project)
        .containsEntry("slurm.ssh.port", "2224")
        .containsEntry("slurm.one.ssh.port", "2224");
    assertThat(warnings).isEmpty();
  }
}
