/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.ClusterClock;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.ConnectionSearch;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.testing.ResetBetweenTests.Scope;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import net.schmizz.sshj.SSHClient;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Implements {@link SlurmTest}. */
final class SlurmExtension
    implements ParameterResolver,
        BeforeAllCallback,
        BeforeEachCallback,
        AfterTestExecutionCallback {

  private static final Namespace CLUSTERS = Namespace.create(SlurmExtension.class, "clusters");
  private static final Namespace TEST = Namespace.create(SlurmExtension.class, "test");
  private static final String FIRST_JOB = "first job";
  private static final String BEGIN = "begin";

  private static final Set<Class<?>> TYPES =
      Set.of(
          SlurmCluster.class,
          Connection.class,
          SSHClient.class,
          ClusterDefinition.class,
          ClusterClock.class,
          RestAccess.class);

  private final RunningClusters running;
  private final Path target;

  SlurmExtension() {
    this(new RunningClusters(ConnectionSearch.here()), Path.of("target").toAbsolutePath());
  }

  SlurmExtension(RunningClusters running, Path target) {
    this.running = running;
    this.target = target;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    reset(context, Scope.CLASS);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    reset(context, Scope.METHOD);
    started(context).ifPresent(cluster -> noteFirstJob(context, cluster));
  }

  /** Records the id of the test's first job. */
  private static void noteFirstJob(ExtensionContext context, SharedCluster cluster) {
    if (context.getTestMethod().isPresent()) {
      context
          .getStore(TEST)
          .getOrComputeIfAbsent(
              FIRST_JOB, key -> FailureReport.nextJob(cluster.connection()), Long.class);
      context
          .getStore(TEST)
          .getOrComputeIfAbsent(
              BEGIN, key -> Instant.now().truncatedTo(ChronoUnit.SECONDS), Instant.class);
    }
  }

  private void reset(ExtensionContext context, Scope scope) {
    annotation(context, ResetBetweenTests.class)
        .filter(annotation -> annotation.value() == scope)
        .ifPresent(annotation -> cluster(context).cluster().reset(annotation.emptyHistory()));
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    Optional<SharedCluster> cluster = started(context);
    if (context.getExecutionException().isEmpty() || cluster.isEmpty()) {
      return;
    }
    Path directory =
        target
            .resolve("slurm-test")
            .resolve(context.getRequiredTestClass().getName())
            .resolve(TestNames.directory(context));
    try {
      Long first = context.getStore(TEST).getOrDefault(FIRST_JOB, Long.class, 0L);
      FailureReport.write(cluster.get().connection(), first, directory);
      // The daemons' logs can be read only on the machine with the cluster's files.
      if (Files.exists(cluster.get().cluster().directory().resolve("cluster.yaml"))) {
        cluster.get().cluster().exportLogs(directory.resolve("logs"));
        drawReport(context, cluster.get().cluster(), directory.resolve("report.html"));
      }
      context.publishReportEntry("slurm.diagnosis", directory.toString());
      // Printed as well, because build tools write report entries to files that are rarely opened.
      System.err.println("Diagnosis of the failed test: " + directory);
    } catch (RuntimeException | IOException e) {
      context.getExecutionException().get().addSuppressed(e);
    }
  }

  /**
   * Writes the report. A cluster that the test has broken may not answer; the diagnosis is kept
   * without it.
   */
  private static void drawReport(ExtensionContext context, SlurmCluster cluster, Path file)
      throws IOException {
    try {
      Instant begin = context.getStore(TEST).get(BEGIN, Instant.class);
      Files.writeString(file, cluster.report(Optional.ofNullable(begin)));
    } catch (RuntimeException e) {
      context.getExecutionException().ifPresent(failure -> failure.addSuppressed(e));
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return TYPES.contains(type)
        || (type == String.class && parameter.isAnnotated(Registry.class))
        || ((type == String.class || type == URI.class) && parameter.isAnnotated(Rest.class));
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == ClusterDefinition.class) {
      return definition(context);
    }
    SharedCluster cluster = cluster(context);
    noteFirstJob(context, cluster);
    if (type == SlurmCluster.class) {
      return cluster.cluster();
    }
    if (type == Connection.class) {
      return cluster.connection();
    }
    if (type == ClusterClock.class) {
      return cluster.cluster().clock();
    }
    if (type == SSHClient.class) {
      Login login = Login.to(cluster.connection());
      context.getStore(TEST).put(login, login);
      return login.client();
    }
    if (type == RestAccess.class) {
      return rest(cluster);
    }
    if (parameter.isAnnotated(Rest.class)) {
      return type == URI.class ? rest(cluster).url() : rest(cluster).token();
    }
    boolean internal =
        parameter.findAnnotation(Registry.class).map(Registry::internal).orElse(false);
    Connection connection = cluster.connection();
    return (internal ? connection.registryInternal() : connection.registry())
        .orElseThrow(
            () ->
                new ParameterResolutionException(
                    "The cluster has no registry: write @SlurmTest(withRegistry = true)"));
  }

  private static RestAccess rest(SharedCluster cluster) {
    return cluster
        .connection()
        .rest()
        .orElseThrow(
            () ->
                new ParameterResolutionException(
                    "The cluster has no slurmrestd: write @SlurmTest(rest = true)"));
  }

  /** Returns the definition of the running cluster, or of the one that would be started. */
  private ClusterDefinition definition(ExtensionContext context) {
    RequestedCluster requested = requested(context);
    ClusterDefinition asked = requested.toDefinition();
    return started(context)
        .map(SharedCluster::connection)
        .or(() -> running.find(requested))
        .map(connection -> connection.directory().resolve("cluster.yaml"))
        .filter(Files::exists)
        .map(ClusterYaml::read)
        .orElse(asked);
  }

  /** Returns the cluster of the test's class, if a parameter has needed it. */
  private Optional<SharedCluster> started(ExtensionContext context) {
    return Optional.ofNullable(
        context.getRoot().getStore(CLUSTERS).get(requested(context), SharedCluster.class));
  }

  private SharedCluster cluster(ExtensionContext context) {
    Store store = context.getRoot().getStore(CLUSTERS);
    return store.getOrComputeIfAbsent(
        requested(context),
        requested -> SharedCluster.of(requested, running, target.resolve("slurm-clusters")),
        SharedCluster.class);
  }

  private static RequestedCluster requested(ExtensionContext context) {
    return annotation(context, SlurmTest.class)
        .map(RequestedCluster::of)
        .map(
            requested ->
                SlurmVersionsExtension.release(context).map(requested::on).orElse(requested))
        .orElseThrow(
            () ->
                new ExtensionConfigurationException(
                    context.getRequiredTestClass().getName() + " has no @SlurmTest"));
  }

  /** Finds the annotation of a test class, which its nested classes share. */
  private static <A extends Annotation> Optional<A> annotation(
      ExtensionContext context, Class<A> type) {
    return AnnotationSupport.findAnnotation(
        context.getRequiredTestClass(), type, context.getEnclosingTestClasses());
  }
}
