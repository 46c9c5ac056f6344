/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterTableTest {

  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private static BackendNode node(boolean running) {
    return new BackendNode("slurm", "all-in-one", running, running ? "running" : "exited");
  }

  private static ClusterSummary cluster(
      String name, String owner, Duration age, BackendNode... nodes) {
    return new ClusterSummary(
        new ClusterId(name, Path.of("/nowhere", name)),
        new Owner(owner),
        Optional.of(NOW.minus(age)),
        List.of(nodes),
        nodes[0].running() ? Optional.of(new Address("127.0.0.1", 2222)) : Optional.empty());
  }

  private final ClusterTable table =
      new ClusterTable(
          List.of(
              cluster("dev", "hand", Duration.ofHours(3), node(true), node(false)),
              cluster("nightly", "build:4711:ci-host", Duration.ofDays(2), node(false)),
              new ClusterSummary(
                  new ClusterId("by-compose", Path.of("/nowhere/by-compose")),
                  Owner.nobody(),
                  Optional.empty(),
                  List.of(node(true)),
                  Optional.empty())),
          NOW);

  @Test
  void isATableForPeople() {
    assertThat(table.text())
        .isEqualTo(
            """
            NAME        STATUS    NODES  SSH             AGE  OWNER  DIRECTORY
            dev         degraded  1/2    127.0.0.1:2222  3h   hand   /nowhere/dev (gone)
            nightly     stopped   0/1    -               2d   build  /nowhere/nightly (gone)
            by-compose  running   1/1    -               -    -      /nowhere/by-compose (gone)
            """);
  }

  @Test
  void isJsonForPrograms() throws IOException {
    assertThat(new ObjectMapper().readTree(table.json()))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"clusters": [
                      {"name": "dev", "status": "degraded", "nodes": 2, "nodesRunning": 1,
                       "ssh": "127.0.0.1:2222", "createdAt": "2026-11-20T09:00:00Z",
                       "owner": "hand", "directory": "/nowhere/dev", "directoryExists": false},
                      {"name": "nightly", "status": "stopped", "nodes": 1, "nodesRunning": 0,
                       "ssh": null, "createdAt": "2026-11-18T12:00:00Z",
                       "owner": "build:4711:ci-host", "directory": "/nowhere/nightly",
                       "directoryExists": false},
                      {"name": "by-compose", "status": "running", "nodes": 1, "nodesRunning": 1,
                       "ssh": null, "createdAt": null, "owner": "",
                       "directory": "/nowhere/by-compose", "directoryExists": false}
                    ]}
                    """));
  }

  @Test
  void isYamlThatSaysTheSame() throws IOException {
    assertThat(new YAMLMapper().readTree(table.yaml()))
        .isEqualTo(new ObjectMapper().readTree(table.json()));
  }

  @ParameterizedTest
  @CsvSource({"-5, 0s", "0, 0s", "59, 59s", "60, 1m", "3599, 59m", "3600, 1h", "86400, 1d"})
  void tellsAgesInOneUnit(long seconds, String age) {
    ClusterTable one =
        new ClusterTable(
            List.of(cluster("dev", "hand", Duration.ofSeconds(seconds), node(true))), NOW);

    assertThat(one.text()).contains("127.0.0.1:2222  " + age + " ");
  }
}
