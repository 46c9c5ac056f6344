/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.maven.execution.DefaultMavenExecutionRequest;
import org.apache.maven.execution.DefaultMavenExecutionResult;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecution.Source;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.RepositorySystemSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AbstractSlurmMojoTest {

  @Nested
  @DisplayName("A failure")
  class Failures {

    @Test
    void ofAParameterNamesElementPropertyValueAndWhatIsAllowed() {
      AbstractSlurmMojo mojo =
          goalThatThrows(new InvalidParameterException("port", 70000, "is not a port: use 0 to 9"));

      assertThatThrownBy(mojo::execute)
          .isInstanceOf(MojoFailureException.class)
          .hasMessage("<port> (-Dslurm.port): '70000' is not a port: use 0 to 9")
          .hasNoCause();
    }

    @Test
    void ofANestedElementNamesItsPlaceInThePom() {
      AbstractSlurmMojo mojo =
          goalThatThrows(new InvalidParameterException("nodes.node.cpus", "x", "is not a number"));

      assertThatThrownBy(mojo::execute).hasMessage("<nodes><node><cpus>: 'x' is not a number");
    }

    @Test
    void ofTheUserIsTheMessageAlone() {
      AbstractSlurmMojo mojo =
          goalThatThrows(
              new UserMistakeException("docker-compose.yml: key", new IllegalStateException()));

      assertThatThrownBy(mojo::execute)
          .isInstanceOf(MojoFailureException.class)
          .hasMessage("docker-compose.yml: key")
          .hasNoCause();
    }

    @Test
    void ofTheClusterKeepsItsCause() {
      SlurmClusterException thrown = new SlurmClusterException("node is DOWN");

      assertThatThrownBy(goalThatThrows(thrown)::execute)
          .isInstanceOf(MojoExecutionException.class)
          .hasMessage("node is DOWN")
          .hasCause(thrown);
    }

    @Test
    void ofAFileSaysWhatAndWhich() {
      UncheckedIOException thrown = new UncheckedIOException(new AccessDeniedException("/a/b"));

      assertThatThrownBy(goalThatThrows(thrown)::execute)
          .isInstanceOf(MojoExecutionException.class)
          .hasMessage(
              "slurm:start could not read or write a file: permission denied (/a/b). Make it"
                  + " accessible, and run the goal again");
    }

    @Test
    void thatNobodyForesawNamesTheGoal() {
      IllegalStateException thrown = new IllegalStateException("boo");

      assertThatThrownBy(goalThatThrows(thrown)::execute)
          .isInstanceOf(MojoExecutionException.class)
          .hasMessage("Unexpected failure of slurm:start: java.lang.IllegalStateException: boo")
          .hasCause(thrown);
    }
  }

  @Nested
  @DisplayName("Skipping")
  class Skipping {

    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void byTheCommonParameterDoesNothing() throws Exception {
      AbstractSlurmMojo mojo = new Goal(runs::incrementAndGet, false);
      mojo.skip = true;

      mojo.execute();

      assertThat(runs).hasValue(0);
    }

    @Test
    void byTheGoalsOwnParameterDoesNothing() throws Exception {
      new Goal(runs::incrementAndGet, true).execute();

      assertThat(runs).hasValue(0);
    }

    @Test
    void isOffByDefault() throws Exception {
      new Goal(runs::incrementAndGet, false).execute();

      assertThat(runs).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource({
      "skipITs, pre-integration-test",
      "skipITs, post-integration-test",
      "skipTests, pre-integration-test",
      "skipTests, process-test-classes",
      "maven.test.skip, pre-integration-test"
    })
    void followsTheTestsThatABoundGoalServes(String property, String phase) throws Exception {
      bound(phase, Map.of(property, "true"), Map.of()).execute();
      bound(phase, Map.of(), Map.of(property, "true")).execute();

      assertThat(runs).hasValue(0);
    }

    @Test
    void ofIntegrationTestsLeavesAGoalForUnitTestsAlone() throws Exception {
      bound("process-test-classes", Map.of("skipITs", "true"), Map.of()).execute();

      assertThat(runs).hasValue(1);
    }

    @Test
    void onTheCommandLinePrecedesThePom() throws Exception {
      bound("pre-integration-test", Map.of("skipITs", "false"), Map.of("skipITs", "true"))
          .execute();

      assertThat(runs).hasValue(1);
    }

    @Test
    void doesNotFollowTheTestsWhereAUserTypedTheGoal() throws Exception {
      Goal goal = bound("pre-integration-test", Map.of("skipITs", "true"), Map.of());
      goal.execution = new MojoExecution(goal.execution.getMojoDescriptor(), "x", Source.CLI);

      goal.execute();

      assertThat(runs).hasValue(1);
    }

    @Test
    void doesNotFollowTheTestsWhereTheUserSaysSo() throws Exception {
      Goal goal = bound("pre-integration-test", Map.of("skipITs", "true"), Map.of());
      goal.skipWithTests = false;

      goal.execute();

      assertThat(runs).hasValue(1);
    }

    @Test
    void doesNotFollowTheTestsForAGoalWithoutACluster() {
      assertThat(
              new AbstractSlurmMojo[] {
                new InitMojo(), new ListMojo(), new OpenapiMojo(), new RenderMojo()
              })
          .noneMatch(AbstractSlurmMojo::usesCluster);
    }

    private Goal bound(String phase, Map<String, String> commandLine, Map<String, String> pom) {
      Goal goal = new Goal(runs::incrementAndGet, false);
      goal.skipWithTests = true;
      goal.execution =
          new MojoExecution(goal.execution.getMojoDescriptor(), "default", Source.LIFECYCLE);
      goal.execution.setLifecyclePhase(phase);
      MavenProject project = new MavenProject();
      project.getProperties().putAll(pom);
      goal.session.setCurrentProject(project);
      goal.session.getUserProperties().putAll(commandLine);
      return goal;
    }

    @Test
    void isReadFromEachGoalsOwnParameter() {
      CreateMojo create = new CreateMojo();
      create.skipCreate = true;
      StartMojo start = new StartMojo();
      start.skipStart = true;
      StopMojo stop = new StopMojo();
      stop.skipStop = true;
      DestroyMojo destroy = new DestroyMojo();
      destroy.skipDestroy = true;

      assertThat(new AbstractSlurmMojo[] {create, start, stop, destroy})
          .allMatch(AbstractSlurmMojo::isGoalSkipped);
      assertThat(
              new AbstractSlurmMojo[] {
                new CreateMojo(), new StartMojo(), new StopMojo(), new DestroyMojo()
              })
          .noneMatch(AbstractSlurmMojo::isGoalSkipped);
    }
  }

  @Nested
  @DisplayName("A kept cluster")
  class Kept {

    // Without the other parameters set, touching the cluster would fail.

    @Test
    void isNotStopped() throws Exception {
      StopMojo stop = inASession(new StopMojo());
      stop.keep = true;

      stop.execute();
    }

    @Test
    void isNotDestroyed() throws Exception {
      DestroyMojo destroy = inASession(new DestroyMojo());
      destroy.keep = true;

      destroy.execute();
    }
  }

  @SuppressWarnings("deprecation") // There is no other way to a session without a container.
  private static <T extends AbstractSlurmMojo> T inASession(T mojo) {
    mojo.session =
        new MavenSession(
            null,
            (RepositorySystemSession) null,
            new DefaultMavenExecutionRequest(),
            new DefaultMavenExecutionResult());
    mojo.plugin = new PluginDescriptor();
    return mojo;
  }

  private static AbstractSlurmMojo goalThatThrows(RuntimeException exception) {
    return new Goal(
        () -> {
          throw exception;
        },
        false);
  }

  private static final class Goal extends AbstractSlurmMojo {

    private final Runnable body;
    private final boolean goalSkipped;

    Goal(Runnable body, boolean goalSkipped) {
      this.body = body;
      this.goalSkipped = goalSkipped;
      MojoDescriptor descriptor = new MojoDescriptor();
      descriptor.setGoal("start");
      execution = new MojoExecution(descriptor);
      inASession(this);
    }

    @Override
    void run() {
      body.run();
    }

    @Override
    boolean isGoalSkipped() {
      return goalSkipped;
    }
  }
}
