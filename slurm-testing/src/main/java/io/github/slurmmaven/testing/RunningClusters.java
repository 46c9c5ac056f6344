/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.backend.ClusterBackend.ClusterId;
import io.github.slurmmaven.connection.Connection;
import io.github.slurmmaven.lifecycle.Clusters;
import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.spec.ClusterYaml;
import io.github.slurmmaven.ssh.SshBanner;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The clusters that run already, and that tests may use.
 *
 * @param environment variables
 * @param properties system properties
 * @param directory where to look first, with its parents
 */
record RunningClusters(Map<String, String> environment, Properties properties, Path directory) {

  /** Names a cluster, its directory, or its connection.properties. */
  static final String VARIABLE = "SLURM_TEST_CLUSTER";

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * The first that fits and answers.
   *
   * @throws UserMistakeException when the variable names a cluster that does not run, or is another
   */
  Optional<Connection> find(Shape shape) {
    String named = environment.get(VARIABLE);
    if (named != null && !named.isBlank()) {
      return Optional.of(named(named, shape));
    }
    return ofProperties()
        .filter(connection -> fits(connection, shape) && answers(connection))
        .or(
            () ->
                Clusters.nearest(directory).stream()
                    .map(ClusterId::directory)
                    .flatMap(each -> read(each.resolve(Connection.FILE_NAME)).stream())
                    .filter(connection -> fits(connection, shape) && answers(connection))
                    .findFirst());
  }

  private Connection named(String name, Shape shape) {
    Path path = directory.resolve(name);
    List<Path> candidates = List.of(path, path.resolve(Connection.FILE_NAME));
    Connection connection =
        candidates.stream()
            .filter(Files::isRegularFile)
            .findFirst()
            .flatMap(RunningClusters::read)
            .or(
                () ->
                    Clusters.nearest(directory).stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .flatMap(each -> read(each.directory().resolve(Connection.FILE_NAME))))
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        ("%s is '%s', which is neither a running cluster of this directory or a"
                                + " parent, nor a directory or file with a %s: start it, or unset"
                                + " the variable")
                            .formatted(VARIABLE, name, Connection.FILE_NAME)));
    if (!answers(connection)) {
      throw new UserMistakeException(
          "%s is '%s', but nobody answers at %s:%d: start that cluster, or unset the variable"
              .formatted(VARIABLE, name, connection.sshHost(), connection.sshPort()));
    }
    if (!fits(connection, shape)) {
      throw new UserMistakeException(
          "%s is '%s', which is not what the test asks for (%s): unset the variable, or name another"
              .formatted(VARIABLE, name, shape));
    }
    return connection;
  }

  private Optional<Connection> ofProperties() {
    if (properties.getProperty("slurm.ssh.port") == null
        || properties.getProperty("slurm.ssh.privateKey") == null) {
      return Optional.empty();
    }
    Properties ours = new Properties();
    properties.stringPropertyNames().stream()
        .filter(name -> name.startsWith("slurm."))
        .forEach(name -> ours.setProperty(name, properties.getProperty(name)));
    StringWriter text = new StringWriter();
    try {
      ours.store(text, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Optional.of(Connection.read(text.toString()));
  }

  private static Optional<Connection> read(Path file) {
    try {
      return Files.exists(file)
          ? Optional.of(Connection.read(Files.readString(file)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A cluster whose files are not here is what somebody says that it is. */
  private static boolean fits(Connection connection, Shape shape) {
    Path definition = connection.directory().resolve("cluster.yaml");
    return !Files.exists(definition)
        || (shape.fits(ClusterYaml.read(definition))
            && shape.fits(Files.exists(connection.directory().resolve("docker-compose.yml"))));
  }

  private static boolean answers(Connection connection) {
    try {
      return !SshBanner.read(connection.sshHost(), connection.sshPort(), PATIENCE).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }
}
