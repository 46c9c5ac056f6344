/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.slurmmaven.client.ClusterClock;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SshBanner;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.testing.ResetBetweenTests.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import net.schmizz.sshj.SSHClient;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The extension on clusters that it starts itself, as one run of JUnit. */
@Timeout(180)
class SlurmTestIT {

  private static final List<Connection> SEEN = new CopyOnWriteArrayList<>();

  private static EngineExecutionResults results;

  private static String run(SlurmCluster cluster, String command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(cluster.ssh(Optional.empty(), command, out, OutputStream.nullOutputStream()))
        .isZero();
    return out.toString(StandardCharsets.UTF_8).strip();
  }

  @CpuClusterTest
  static class First {

    @Test
    void leavesAJob(SlurmCluster cluster, Connection connection, SSHClient client) {
      SEEN.add(connection);
      assertThat(client.isAuthenticated()).isTrue();
      assertThat(run(cluster, "sbatch --hold --parsable --wrap=true")).matches("\\d+");
      assertThat(run(cluster, "squeue --noheader")).isNotEmpty();
    }
  }

  @SlurmTest(preset = "cpu")
  @ResetBetweenTests
  static class Second {

    @Test
    void findsACleanQueue(
        SlurmCluster cluster, Connection connection, ClusterDefinition definition) {
      SEEN.add(connection);
      assertThat(definition.nodes()).hasSize(1);
      assertThat(run(cluster, "squeue --noheader")).isEmpty();
      assertThat(run(cluster, "sinfo --noheader --format=%t")).isEqualTo("idle");
    }
  }

  // The partition of preset cpu takes jobs of an hour at most.
  @SlurmTest(preset = "multi-node")
  static class TimeLimit {

    @Test
    void aJobOfADayIsStopped(SlurmCluster cluster, ClusterClock clock) {
      JobId job = JobId.of(run(cluster, "sbatch --parsable --time=1-0 --wrap='sleep 600'"));
      run(cluster, "timeout 60 sh -c 'until squeue -h -o %T | grep RUNNING; do sleep 0.1; done'");

      clock.advance(Duration.ofDays(1).plusMinutes(1));

      assertThat(cluster.await(List.of(job), Duration.ofMinutes(1)))
          .extracting(Job::state)
          .containsExactly(JobState.TIMEOUT);
    }
  }

  @CpuClusterTest
  @ResetBetweenTests(Scope.METHOD)
  static class Outer {

    @Nested
    class Inner {

      @RepeatedTest(2)
      void isResetAsItsOuterClassSays(SlurmCluster cluster) {
        assertThat(run(cluster, "squeue --noheader")).isEmpty();
        assertThat(run(cluster, "sbatch --hold --parsable --wrap=true")).matches("\\d+");
      }
    }
  }

  @SlurmTest(preset = "cpu", cpusPerNode = 2)
  @ResetBetweenTests(Scope.METHOD)
  static class Other {

    @Test
    void hasAnotherCluster(SlurmCluster cluster, Connection connection) {
      SEEN.add(connection);
      assertThat(run(cluster, "sinfo --noheader --format=%c")).isEqualTo("2");
    }

    @Test
    void fails(SlurmCluster cluster) {
      String job = run(cluster, "sbatch --parsable --wrap='echo what it said; exit 3'");
      assertThat(cluster.await(List.of(JobId.of(job)), Duration.ofSeconds(30)))
          .extracting(Job::state)
          .containsExactly(JobState.COMPLETED);
    }
  }

  @SlurmTest(preset = "cpu", engine = "embedded")
  @EnabledIf(value = "io.github.slurmmaven.testing.Bundles#areMade", disabledReason = "no bundles")
  static class Embedded {

    @Test
    void hasAClusterOfProcesses(SlurmCluster cluster, Connection connection, SSHClient client) {
      SEEN.add(connection);
      assertThat(client.isAuthenticated()).isTrue();
      assertThat(connection.directory().resolve("docker-compose.yml")).doesNotExist();
      assertThat(run(cluster, "srun hostname")).isNotEmpty();
    }
  }

  @SlurmTest(preset = "cpu", engine = "auto")
  static class Auto {

    @Test
    void hasAClusterOfContainersWhereTheyAre(SlurmCluster cluster, Connection connection) {
      SEEN.add(connection);
      assertThat(connection.directory().resolve("docker-compose.yml")).exists();
      assertThat(run(cluster, "srun hostname")).isEqualTo("slurm");
    }
  }

  @BeforeAll
  static void runAll() {
    results =
        EngineTestKit.engine("junit-jupiter")
            .selectors(
                selectClass(First.class),
                selectClass(Second.class),
                selectClass(TimeLimit.class),
                selectClass(Outer.class),
                selectClass(Other.class),
                selectClass(Embedded.class),
                selectClass(Auto.class))
            .execute();
  }

  @Test
  @DisplayName("classes that ask for the same share a cluster, others have their own")
  void shares() {
    assertThat(results.testEvents().succeeded().count())
        .as(() -> results.testEvents().failed().list().toString())
        .isEqualTo(Bundles.areMade() ? 8 : 7);
    assertThat(SEEN).hasSize(Bundles.areMade() ? 5 : 4);
    assertThat(SEEN.get(0)).isEqualTo(SEEN.get(1));
    assertThat(SEEN.get(2).clusterName()).isNotEqualTo(SEEN.get(0).clusterName());
  }

  @Test
  @DisplayName("of a test that failed, job and logs are kept")
  void diagnosis() throws IOException {
    Path directory = Path.of("target/slurm-test", Other.class.getName(), "fails");
    try (var files = Files.list(directory)) {
      List<String> outputs =
          files.map(Path::toString).filter(name -> name.endsWith(".out")).toList();
      assertThat(outputs).hasSize(1);
      assertThat(Path.of(outputs.get(0))).content().contains("what it said");
    }
    assertThat(directory.resolve("jobs.txt")).content().contains("ExitCode=3:0");
    assertThat(directory.resolve("logs")).isNotEmptyDirectory();
    assertThat(directory.resolve("report.html"))
        .content()
        .contains("\"state\":\"FAILED\"", "\"exit\":\"3:0\"", "what it said");
  }

  @Test
  @DisplayName("nothing runs after the last test")
  void destroyed() {
    assertThat(SEEN)
        .allSatisfy(
            connection -> {
              assertThat(connection.directory()).doesNotExist();
              org.assertj.core.api.Assertions.assertThatThrownBy(
                      () ->
                          SshBanner.read(
                              connection.sshHost(), connection.sshPort(), Duration.ofSeconds(2)))
                  .isInstanceOf(IOException.class);
            });
  }
}
