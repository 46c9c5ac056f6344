/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmPrograms;
import io.github.slurmmaven.terminal.LocalTerminal;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.shared.utils.logging.MessageUtils;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.repository.RemoteRepository;
import org.jspecify.annotations.Nullable;

/** Base of all goals: whether to skip them, and how progress and failures are reported. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractSlurmMojo extends AbstractMojo {

  /**
   * Skips every goal of this plugin.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.skip", defaultValue = "false")
  boolean skip;

  /**
   * Skips a goal that a POM binds to a build whose tests are skipped: by {@code skipTests} or
   * {@code maven.test.skip}, or in the phases of integration tests by {@code skipITs}. Goals that
   * need no cluster run anyway.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.skipWithTests", defaultValue = "true")
  boolean skipWithTests;

  @Parameter(defaultValue = "${project.remotePluginRepositories}", readonly = true, required = true)
  List<RemoteRepository> repositories;

  @Parameter(defaultValue = "${plugin}", readonly = true, required = true)
  PluginDescriptor plugin;

  @Inject RepositorySystem repositorySystem;

  @Parameter(defaultValue = "${session}", readonly = true, required = true)
  MavenSession session;

  @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
  MojoExecution execution;

  private @Nullable LogProgress progress;

  @Override
  public final void execute() throws MojoExecutionException, MojoFailureException {
    if (skip || isGoalSkipped()) {
      getLog().info("Skipped.");
      return;
    }
    Optional<String> reason = skippedTests();
    if (reason.isPresent()) {
      getLog().info("Skipped like the tests, because of " + reason.get() + ".");
      return;
    }
    warnOfUnknownProperties();
    try {
      run();
    } catch (InvalidParameterException e) {
      throw new MojoFailureException(
          "<%s>%s: %s %s"
              .formatted(
                  e.parameter().replace(".", "><"),
                  PropertyNames.of(e.parameter()).map(name -> " (-D" + name + ")").orElse(""),
                  Quoted.of(e.value()),
                  e.problem()));
    } catch (UserMistakeException e) {
      throw new MojoFailureException(e.getMessage());
    } catch (SlurmClusterException e) {
      throw new MojoExecutionException(e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw new MojoExecutionException(
          "slurm:%s could not read or write a file: %s. Make it accessible, and run the goal again"
              .formatted(execution.getGoal(), FileFailure.of(e)),
          e);
    } catch (RuntimeException e) {
      throw new MojoExecutionException(
          "Unexpected failure of slurm:" + execution.getGoal() + ": " + e, e);
    } finally {
      if (progress != null) {
        progress.close();
      }
    }
  }

  /** The property by which a build skips the tests that this execution serves. */
  private Optional<String> skippedTests() {
    if (!skipWithTests || !isBoundToBuild() || !usesCluster()) {
      return Optional.empty();
    }
    String phase = Objects.requireNonNullElse(execution.getLifecyclePhase(), "");
    return Stream.of("maven.test.skip", "skipTests", "skipITs")
        .filter(property -> !property.equals("skipITs") || phase.endsWith("integration-test"))
        .filter(this::isSet)
        .findFirst();
  }

  /** The command line precedes the POM, as for a plugin's parameter. */
  private boolean isSet(String property) {
    Properties ofPom = session.getCurrentProject().getProperties();
    return Boolean.parseBoolean(
        session.getUserProperties().getProperty(property, ofPom.getProperty(property)));
  }

  /** Runs once in a build, in the first goal. */
  private void warnOfUnknownProperties() {
    MavenExecutionRequest request = session.getRequest();
    synchronized (request) {
      if (request.getData().put(UnknownProperties.class.getName(), true) == null) {
        UnknownProperties.of(plugin)
            .warnings(
                session.getUserProperties(),
                name ->
                    session.getProjects() != null
                        && session.getProjects().stream()
                            .anyMatch(project -> project.getProperties().containsKey(name)))
            .forEach(getLog()::warn);
      }
    }
  }

  /** Does the goal's work; the core's exceptions pass through. */
  abstract void run();

  /** Whether this goal's own skip parameter is set. */
  boolean isGoalSkipped() {
    return false;
  }

  /** Whether the goal starts, uses or ends a cluster that tests use too. */
  boolean usesCluster() {
    return true;
  }

  /** Where the core's progress is printed. */
  Progress progress() {
    if (progress == null) {
      progress =
          new LogProgress(
              getLog(),
              isWatched() ? Optional.of(Console.out()) : Optional.empty(),
              session.isParallel() ? clusterName() : Optional.empty());
    }
    return progress;
  }

  /** Returns the name of the goal's cluster, if it is known before the goal runs. */
  Optional<String> clusterName() {
    return Optional.empty();
  }

  /** Whether a person watches the output on a terminal. */
  private boolean isWatched() {
    return session.getRequest().isInteractiveMode()
        && getLog().isInfoEnabled()
        && MessageUtils.isColorEnabled()
        && LocalTerminal.showsOutput();
  }

  /** Returns the source of Slurm's programs for clusters without containers. */
  SlurmPrograms programs() {
    return new MavenBundles(repositorySystem, session.getRepositorySession(), repositories);
  }

  /** Whether a POM binds this execution to the lifecycle; otherwise it was called by hand. */
  boolean isBoundToBuild() {
    return execution.getSource() == MojoExecution.Source.LIFECYCLE;
  }

  /** The clusters that this build removes when it ends. */
  BuildEnd buildEnd() {
    return BuildEnd.of(session.getRequest(), getLog());
  }
}
