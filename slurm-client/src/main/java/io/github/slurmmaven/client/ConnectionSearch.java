/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds a running cluster that a test may use: the one that an environment variable names,
 * otherwise the one of the system properties, otherwise one of the nearest directory.
 *
 * @param environment environment variables
 * @param properties system properties
 * @param directory directory that is searched first, before its parents
 */
public record ConnectionSearch(
    Map<String, String> environment, Properties properties, Path directory) {

  /** Names a cluster, its directory, or its connection.properties. */
  public static final String VARIABLE = "SLURM_TEST_CLUSTER";

  private static final String OUTPUT_DIRECTORY = ".slurm-cluster";

  /** The file that only a cluster's directory has; a project may have a cluster.yaml of its own. */
  private static final String MARK = ".rendered";

  /** Longest wait for a server's greeting. A refused connection is noticed at once. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Returns the search of this process, from its current directory. */
  public static ConnectionSearch here() {
    return new ConnectionSearch(
        System.getenv(), System.getProperties(), Path.of("").toAbsolutePath());
  }

  /**
   * Returns the cluster that is found first.
   *
   * @throws UserMistakeException if there is none, or the directory has several; the message says
   *     how to start or name one
   */
  Connection current() {
    Optional<Connection> named = named();
    if (named.isPresent()) {
      return named.get();
    }
    Optional<Connection> handedOn = ofProperties().filter(ConnectionSearch::answers);
    if (handedOn.isPresent()) {
      return handedOn.get();
    }
    List<Connection> running = ofDirectories().stream().filter(ConnectionSearch::answers).toList();
    if (running.size() == 1) {
      return running.get(0);
    }
    if (running.isEmpty()) {
      throw new UserMistakeException(
          "No running cluster was found: %s, and no cluster in %s of %s or a parent answers. Start one with slurm:start in this directory, or run the test with mvn verify and Failsafe's systemPropertiesFile"
              .formatted(
                  ofProperties()
                      .map(
                          connection ->
                              "nothing answers at %s:%d, the address in the system properties slurm.ssh.*"
                                  .formatted(connection.sshHost(), connection.sshPort()))
                      .orElse("the system property slurm.ssh.port is not set"),
                  OUTPUT_DIRECTORY,
                  directory));
    }
    throw new UserMistakeException(
        "There are several running clusters: %s. Name one of them in the environment variable %s"
            .formatted(
                running.stream().map(Connection::clusterName).collect(Collectors.joining(", ")),
                VARIABLE));
  }

  /**
   * Returns the cluster that the environment variable names; empty if the variable is not set.
   *
   * @throws UserMistakeException if that cluster does not run
   */
  public Optional<Connection> named() {
    String name = environment.getOrDefault(VARIABLE, "");
    if (name.isBlank()) {
      return Optional.empty();
    }
    Path path = directory.resolve(name);
    Connection connection =
        Stream.of(path, path.resolve(Connection.FILE_NAME))
            .filter(Files::isRegularFile)
            .findFirst()
            .flatMap(ConnectionSearch::read)
            .or(
                () ->
                    clusters()
                        .filter(each -> each.endsWith(name))
                        .findFirst()
                        .flatMap(each -> read(each.resolve(Connection.FILE_NAME))))
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        ("%s is '%s', which is neither a running cluster of this directory or a"
                                + " parent, nor a directory or file with a %s: start it, or unset"
                                + " the variable")
                            .formatted(VARIABLE, name, Connection.FILE_NAME)));
    if (!answers(connection)) {
      throw new UserMistakeException(
          "%s is '%s', but nothing answers at %s:%d: start that cluster, or unset the variable"
              .formatted(VARIABLE, name, connection.sshHost(), connection.sshPort()));
    }
    return Optional.of(connection);
  }

  /** Returns the cluster of the system properties, which need not run. */
  public Optional<Connection> ofProperties() {
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

  /** Returns the started clusters of the nearest directory that has any cluster, by name. */
  public List<Connection> ofDirectories() {
    return clusters().flatMap(each -> read(each.resolve(Connection.FILE_NAME)).stream()).toList();
  }

  private Stream<Path> clusters() {
    return nearest(directory, each -> Files.exists(each.resolve(MARK))).stream();
  }

  /** Returns whether the cluster's SSH server answers. */
  public static boolean answers(Connection connection) {
    try {
      SshBanner.read(connection.sshHost(), connection.sshPort(), PATIENCE);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static Optional<Connection> read(Path file) {
    try {
      return Files.exists(file)
          ? Optional.of(Connection.read(Files.readString(file)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UserMistakeException(
          "The connection of a cluster cannot be read from %s (%s): make the file readable, or start the cluster anew"
              .formatted(file, FileFailure.of(e)),
          e);
    }
  }

  /**
   * Returns the clusters' directories of a directory, or of its nearest parent that has any.
   *
   * @param isCluster tests whether a directory belongs to a cluster
   */
  public static List<Path> nearest(Path from, Predicate<Path> isCluster) {
    for (Path each = from.toAbsolutePath().normalize(); each != null; each = each.getParent()) {
      if (isCluster.test(each)) {
        return List.of(each);
      }
      List<Path> clusters = in(each.resolve(OUTPUT_DIRECTORY), isCluster);
      if (!clusters.isEmpty()) {
        return clusters;
      }
    }
    return List.of();
  }

  /** Returns the clusters' directories below a directory, by name. */
  public static List<Path> in(Path outputDirectory, Predicate<Path> isCluster) {
    if (!Files.isDirectory(outputDirectory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(outputDirectory.toAbsolutePath().normalize())) {
      // A name that begins with a dot is a directory that is being removed, not a cluster.
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .filter(isCluster)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UserMistakeException(
          "The clusters of %s cannot be listed (%s): make the directory readable"
              .formatted(outputDirectory, FileFailure.of(e)),
          e);
    }
  }
}
