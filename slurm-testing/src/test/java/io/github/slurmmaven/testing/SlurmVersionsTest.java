/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.suppressed;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.mock.MockSlurm;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Classes and methods that run on several releases. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
@ResourceLock(Resources.SYSTEM_ERR)
class SlurmVersionsTest {

  private static final List<String> SEEN = new CopyOnWriteArrayList<>();

  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

  @BeforeEach
  void forget() {
    SEEN.clear();
  }

  private EngineExecutionResults run(Class<?> type) {
    PrintStream before = System.err;
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      return EngineTestKit.engine("junit-jupiter").selectors(selectClass(type)).execute();
    } finally {
      System.setErr(before);
    }
  }

  private static void see(String test, ClusterDefinition definition) {
    SEEN.add(test + " " + definition.slurmVersion().release());
  }

  @GpuClusterTest
  @SlurmVersions({"22.05", "26.05"})
  static class Classes {

    @Test
    void one(ClusterDefinition definition) {
      see("one", definition);
    }

    @Nested
    class Inner {

      @Test
      void two(ClusterDefinition definition) {
        assertThat(definition.preset()).contains("gpu");
        see("two", definition);
      }
    }
  }

  @Test
  void aClassRunsOnceOnEachReleaseWithItsNestedClasses() {
    EngineExecutionResults results = run(Classes.class);

    assertThat(SEEN).containsExactly("one 22.05", "two 22.05", "one 26.05", "two 26.05");
    assertThat(results.containerEvents().started().list())
        .extracting(event -> event.getTestDescriptor().getDisplayName())
        .contains("Slurm 22.05", "Slurm 26.05");
  }

  @SlurmTest
  static class Methods {

    @SlurmVersions({"24.11", "22.05"})
    void several(ClusterDefinition definition) {
      see("several", definition);
    }

    @Test
    void once(ClusterDefinition definition) {
      see("once", definition);
    }
  }

  @Test
  void aMethodRunsOnceOnEachReleaseAndItsNeighboursOnce() {
    EngineExecutionResults results = run(Methods.class);

    assertThat(SEEN).containsExactlyInAnyOrder("several 24.11", "several 22.05", "once 24.11");
    assertThat(results.testEvents().started().list())
        .extracting(event -> event.getTestDescriptor().getDisplayName())
        .contains("Slurm 24.11", "Slurm 22.05");
  }

  @SlurmTest
  @SlurmVersions({"22.05", "24.11"})
  static class Mixed {

    @Test
    void failsOnOne(ClusterDefinition definition) {
      assertThat(definition.slurmVersion().release()).isEqualTo("22.05");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void failsWithOneValue(int value, ClusterDefinition definition) {
      assertThat(value == 1 && definition.slurmVersion().release().equals("22.05")).isFalse();
    }

    @Disabled("as planned")
    @Test
    void isSkipped() {}
  }

  @Test
  void aTableAtTheEndShowsEachTestOnEachRelease() {
    run(Mixed.class).testEvents().assertStatistics(counts -> counts.failed(2));

    assertThat(errors.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            Tests on releases of Slurm
                                                       22.05    24.11
            SlurmVersionsTest.Mixed.failsOnOne         passed   FAILED
            SlurmVersionsTest.Mixed.failsWithOneValue  FAILED   passed
            SlurmVersionsTest.Mixed.isSkipped          skipped  skipped
            """);
  }

  @SlurmTest
  @SlurmVersions("24.11")
  static class Fails {

    @Test
    void always(Connection connection) {
      throw new AssertionError("as planned");
    }
  }

  @SlurmTest
  static class MethodFails {

    @SlurmVersions("24.11")
    void always(Connection connection) {
      throw new AssertionError("as planned");
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {Fails.class, MethodFails.class})
  void theDiagnosisOfAFailureNamesTheRelease(Class<?> type) {
    MockSlurm mock = MockSlurm.start();
    System.getProperties().putAll(mock.connection().properties());
    try {
      run(type)
          .testEvents()
          .assertThatEvents()
          .haveExactly(
              1,
              event(
                  finishedWithFailure(
                      suppressed(0, message("The test ran on Slurm 24.11")),
                      message("as planned"))));
    } finally {
      mock.connection().properties().keySet().forEach(System::clearProperty);
      mock.close();
    }

    assertThat(errors.toString(StandardCharsets.UTF_8))
        .contains(
            "Diagnosis of the failed test: "
                + Path.of("target/slurm-test", type.getName(), "always-24.11").toAbsolutePath());
  }

  @SlurmTest
  @SlurmVersions("newest")
  static class Unknown {

    @Test
    void never(ClusterDefinition definition) {}
  }

  @SlurmTest
  @SlurmVersions({})
  static class None {

    @Test
    void never(ClusterDefinition definition) {}
  }

  @Test
  void anInvalidReleaseIsNamed() {
    run(Unknown.class)
        .containerEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(finishedWithFailure(message(text -> text.contains("@SlurmVersions: 'newest'")))));
    run(None.class)
        .containerEvents()
        .assertThatEvents()
        .haveExactly(
            1, event(finishedWithFailure(message(text -> text.contains("name one at least")))));
  }
}
