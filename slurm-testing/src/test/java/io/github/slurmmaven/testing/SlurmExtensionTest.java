/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.mock.MockSlurm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The extension, on a cluster that runs already: the mock, which the properties name. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
@ResourceLock(Resources.SYSTEM_ERR)
class SlurmExtensionTest {

  private static final Set<SSHClient> CLIENTS = ConcurrentHashMap.newKeySet();

  private MockSlurm mock;

  @BeforeEach
  void start() {
    mock = MockSlurm.start();
    System.getProperties().putAll(mock.connection().properties());
    CLIENTS.clear();
  }

  @AfterEach
  void close() {
    mock.connection().properties().keySet().forEach(System::clearProperty);
    mock.close();
  }

  private static EngineExecutionResults run(Class<?>... types) {
    return EngineTestKit.engine("junit-jupiter")
        .configurationParameter("junit.jupiter.conditions.deactivate", "*")
        .selectors(
            java.util.Arrays.stream(types)
                .map(type -> selectClass(type))
                .toList()
                .toArray(new org.junit.platform.engine.DiscoverySelector[0]))
        .execute();
  }

  @SlurmTest
  static class Parameters {

    private final Connection ofConstructor;

    Parameters(Connection connection) {
      ofConstructor = connection;
    }

    @Test
    void connection(Connection connection, SlurmCluster cluster) {
      assertThat(connection).isSameAs(ofConstructor);
      assertThat(cluster.name()).isEqualTo("mock");
    }

    @Test
    void client(SSHClient client) throws IOException {
      CLIENTS.add(client);
      try (Session session = client.startSession();
          Session.Command command = session.exec("sinfo --noheader --format=%P")) {
        assertThat(command.getInputStream().readAllBytes()).asString().isEqualTo("debug*\n");
      }
    }

    @Nested
    class Within {

      @Test
      void client(SSHClient client) {
        CLIENTS.add(client);
        assertThat(client.isAuthenticated()).isTrue();
      }
    }
  }

  @GpuClusterTest
  static class DefinitionAlone {

    static final Set<ClusterDefinition> SEEN = ConcurrentHashMap.newKeySet();

    @Test
    void definition(ClusterDefinition definition) {
      SEEN.add(definition);
    }
  }

  @SlurmTest
  static class NoRegistry {

    @Test
    void address(@Registry String registry) {}
  }

  @SlurmTest
  static class Fails {

    @Test
    void submits(SSHClient client) throws IOException {
      try (Session session = client.startSession();
          Session.Command command =
              session.exec("sbatch --job-name=seen --wrap='echo this is the script'")) {
        command.getInputStream().readAllBytes();
      }
      throw new AssertionError("as planned");
    }
  }

  @SlurmTest(preset = "gpus")
  static class UnknownPreset {

    @Test
    void never(Connection connection) {}
  }

  @Test
  @DisplayName("gives parameters, also to nested classes, and closes what it opened")
  void parameters() {
    Events tests = run(Parameters.class).testEvents();

    tests.assertStatistics(counts -> counts.succeeded(3).failed(0));
    assertThat(CLIENTS).hasSize(2).noneMatch(SSHClient::isConnected);
  }

  @Test
  @DisplayName("gives a definition without a cluster")
  void definitionAlone() {
    mock.connection().properties().keySet().forEach(System::clearProperty);

    run(DefinitionAlone.class).testEvents().assertStatistics(counts -> counts.succeeded(1));

    assertThat(DefinitionAlone.SEEN)
        .singleElement()
        .satisfies(definition -> assertThat(definition.preset()).contains("gpu"));
    // As the tests of other runs may be at work there, it is only looked for this one's.
    assertThat(
            Path.of("target/slurm-clusters")
                .toFile()
                .list(
                    (all, name) -> name.startsWith("test-" + ProcessHandle.current().pid() + "-")))
        .isNullOrEmpty();
  }

  @Test
  @DisplayName("says what is missing for a registry's address")
  void noRegistry() {
    run(NoRegistry.class)
        .testEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    message(text -> text.contains("@SlurmTest(withRegistry = true)")))));
  }

  @Test
  @DisplayName("says what is wrong with the annotation")
  void unknownPreset() {
    run(UnknownPreset.class)
        .testEvents()
        .assertThatEvents()
        .haveExactly(1, event(finishedWithFailure(message(text -> text.contains("gpus")))));
  }

  @Test
  @DisplayName("writes down the jobs of a test that failed, and no other")
  void diagnosis() throws IOException {
    mock.run("sbatch --job-name=before --wrap=true", "");
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    Events tests = withStandardError(errors, () -> run(Fails.class).testEvents());

    tests.assertThatEvents().haveExactly(1, event(finishedWithFailure(message("as planned"))));
    Map<String, String> entries =
        tests.reportingEntryPublished().stream()
            .findFirst()
            .orElseThrow()
            .getRequiredPayload(org.junit.platform.engine.reporting.ReportEntry.class)
            .getKeyValuePairs();
    Path directory = Path.of(entries.get("slurm.diagnosis"));
    // As docs/testing.md has it.
    assertThat(directory)
        .isEqualTo(Path.of("target/slurm-test", Fails.class.getName(), "submits").toAbsolutePath());
    assertThat(errors.toString(StandardCharsets.UTF_8).lines())
        .contains("Diagnosis of the failed test: " + directory);
    assertThat(directory).isDirectoryNotContaining("glob:**job-1.sh");
    assertThat(directory.resolve("job-2.sh")).content().contains("echo this is the script");
    assertThat(directory.resolve("job-2.out")).content().contains("/home/slurm/slurm-2.out");
    assertThat(directory.resolve("jobs.txt")).content().contains("JobName=before", "JobName=seen");
    assertThat(directory.resolve("queue.txt")).content().contains("seen");
    assertThat(directory.resolve("nodes.txt")).content().contains("NodeName=slurm");
    assertThat(Files.list(directory)).hasSize(5);
  }

  private static <T> T withStandardError(ByteArrayOutputStream errors, Supplier<T> action) {
    PrintStream before = System.err;
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      return action.get();
    } finally {
      System.setErr(before);
    }
  }

  @SlurmTest
  static class FailsOften {

    @Test
    void overloaded(Connection connection) {
      throw new AssertionError("as planned");
    }

    @Test
    void overloaded(Connection connection, SSHClient client) {
      throw new AssertionError("as planned");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "c"})
    void parameterized(String value, Connection connection) {
      throw new AssertionError("as planned");
    }
  }

  @Test
  @DisplayName("gives each failed invocation a directory of its own")
  void diagnosisOfEach() {
    run(FailsOften.class).testEvents().assertStatistics(counts -> counts.failed(4));

    assertThat(Path.of("target/slurm-test", FailsOften.class.getName()).toFile().list())
        .containsExactlyInAnyOrder(
            "overloaded(Connection)",
            "overloaded(Connection,SSHClient)",
            "parameterized-1",
            "parameterized-2");
  }
}
