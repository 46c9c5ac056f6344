/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.embedded.bundle.Advice;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.files.Allocation;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The clusters of this user that were brought up and not destroyed, in any directory. Each has a
 * file, which does not record whether it runs.
 *
 * @param directory directory of the files; created with the first file
 */
record ClusterIndex(Path directory) {

  private static final String SUFFIX = ".properties";

  /**
   * What this index records of a cluster.
   *
   * @param id the cluster
   * @param owner its owner
   * @param createdAt when it was first brought up
   * @param nodes its nodes, in the order of the definition
   * @param choice its ports
   */
  record Entry(
      ClusterId id,
      Owner owner,
      Instant createdAt,
      List<NodeEntry> nodes,
      Allocation.Processes choice) {

    Entry {
      nodes = List.copyOf(nodes);
    }

    /** Returns the ports of daemons, by the daemon's name. */
    Map<String, Integer> ports() {
      Map<String, Integer> ports = new LinkedHashMap<>();
      ports.put(Daemons.SSHD, choice.sshPort());
      ports.put(Daemons.SLURMCTLD, choice.slurmPort());
      if (choice.slurmdbdPort() != 0) {
        ports.put(Daemons.SLURMDBD, choice.slurmdbdPort());
      }
      if (choice.restPort() != 0) {
        ports.put(Daemons.SLURMRESTD, choice.restPort());
      }
      int next = choice.slurmPort() + 1;
      for (NodeEntry node : nodes) {
        if (node.role().runsJobs()) {
          ports.put(Daemons.slurmd(node.name()), next);
          next++;
        }
      }
      return ports;
    }

    /** Whether a daemon has a different port than before. */
    boolean moves(Entry before) {
      Map<String, Integer> old = before.ports();
      return ports().entrySet().stream()
          .anyMatch(
              port -> !old.getOrDefault(port.getKey(), port.getValue()).equals(port.getValue()));
    }
  }

  /**
   * A node.
   *
   * @param name name
   * @param role what runs on it
   */
  record NodeEntry(String name, NodeDefinition.Role role) {

    /** The nodes of a cluster, in the order of its definition. */
    static List<NodeEntry> of(ClusterDefinition definition) {
      return definition.nodes().stream()
          .map(node -> new NodeEntry(node.name(), node.role()))
          .toList();
    }
  }

  private Path file(ClusterId id) {
    return directory.resolve(id.project() + SUFFIX);
  }

  void put(Entry entry) {
    Properties properties = new Properties();
    properties.setProperty("name", entry.id().name());
    properties.setProperty("directory", entry.id().directory().toString());
    properties.setProperty("owner", entry.owner().value());
    properties.setProperty("createdAt", entry.createdAt().toString());
    properties.setProperty(
        "nodes",
        entry.nodes().stream()
            .map(node -> node.name() + ":" + node.role().id())
            .collect(Collectors.joining(" ")));
    properties.putAll(entry.choice().variables());
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path draft = Files.createTempFile(directory, ".draft", null);
      try (Writer out = Files.newBufferedWriter(draft, StandardCharsets.UTF_8)) {
        properties.store(out, null);
      }
      Files.move(draft, file(entry.id()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UserMistakeException(
          "The list of this user's clusters cannot be kept in %s: %s. %s"
              .formatted(directory, e, Advice.OTHER_CACHE),
          e);
    }
  }

  Optional<Entry> get(ClusterId id) {
    return read(file(id)).filter(entry -> entry.id().equals(id));
  }

  List<Entry> all() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(SUFFIX))
          .sorted()
          .flatMap(file -> read(file).stream())
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UserMistakeException(directory + " cannot be read: " + e, e);
    }
  }

  boolean remove(ClusterId id) {
    try {
      return Files.deleteIfExists(file(id));
    } catch (IOException e) {
      throw new UserMistakeException(file(id) + " cannot be removed: " + e, e);
    }
  }

  /** Returns the path of the cluster's file, for its removal. */
  Path path(ClusterId id) {
    return file(id);
  }

  /** Reads a file; empty for one that is not an entry. */
  private static Optional<Entry> read(Path file) {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(in);
      SortedMap<String, String> variables = new TreeMap<>();
      properties
          .stringPropertyNames()
          .forEach(name -> variables.put(name, properties.getProperty(name)));
      return Allocation.of(variables)
          .filter(Allocation.Processes.class::isInstance)
          .map(Allocation.Processes.class::cast)
          .map(
              choice ->
                  new Entry(
                      new ClusterId(
                          properties.getProperty("name", ""),
                          Path.of(properties.getProperty("directory", ""))),
                      new Owner(properties.getProperty("owner", "")),
                      Instant.parse(properties.getProperty("createdAt", "")),
                      Arrays.stream(properties.getProperty("nodes", "").split(" ", -1))
                          .map(ClusterIndex::node)
                          .toList(),
                      choice));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static NodeEntry node(String text) {
    String[] parts = text.split(":", 2);
    NodeDefinition.Role role =
        Arrays.stream(NodeDefinition.Role.values())
            .filter(each -> each.id().equals(parts[1]))
            .findFirst()
            .orElseThrow();
    return new NodeEntry(parts[0], role);
  }
}
