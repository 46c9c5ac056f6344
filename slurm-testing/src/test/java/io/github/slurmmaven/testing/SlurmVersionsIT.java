/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.ConnectionSearch;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.ResetBetweenTests.Scope;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.platform.testkit.engine.EngineTestKit;

/** A class on clusters of several releases, which it starts itself. */
@Tag("embedded")
@EnabledIf(value = "io.github.slurmmaven.testing.Bundles#areMade", disabledReason = "no bundles")
@Timeout(180)
class SlurmVersionsIT {

  private static final List<Connection> SEEN = new CopyOnWriteArrayList<>();

  @SlurmTest(preset = "cpu", engine = "embedded")
  @SlurmVersions({"22.05", "24.11", "26.05"})
  @ResetBetweenTests(Scope.METHOD)
  static class EachRelease {

    @Test
    void runsOnASlurmOfThatRelease(SlurmCluster cluster, Connection connection) {
      SEEN.add(connection);
      assertThat(cluster.run("scontrol --version").stdout())
          .contains(" " + connection.slurmVersion() + ".");
      assertThat(cluster.run("squeue --noheader").stdout()).isEmpty();
      cluster.run("sbatch --hold --wrap=true");
      assertThat(SEEN).allMatch(ConnectionSearch::answers);
    }

    @Nested
    class Within {

      @Test
      void hasTheSameClusterAndAnEmptyQueue(SlurmCluster cluster, Connection connection) {
        assertThat(connection).isEqualTo(SEEN.get(SEEN.size() - 1));
        assertThat(cluster.run("squeue --noheader").stdout()).isEmpty();
      }
    }
  }

  @Test
  void eachReleaseHasAClusterBesideTheOthers() {
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(EachRelease.class))
        .execute()
        .testEvents()
        .assertStatistics(counts -> counts.succeeded(6).failed(0));

    assertThat(SEEN)
        .extracting(Connection::slurmVersion)
        .containsExactly("22.05", "24.11", "26.05");
    assertThat(SEEN).extracting(Connection::clusterName).doesNotHaveDuplicates();
    assertThat(SEEN).extracting(Connection::sshPort).doesNotHaveDuplicates();
    assertThat(SEEN).allSatisfy(connection -> assertThat(connection.directory()).doesNotExist());
  }
}
