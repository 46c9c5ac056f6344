/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.slurm.Node;
import io.github.slurmmaven.slurm.Slurm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Explains why a cluster is not ready: the state of each node, Slurm's reason, the likely cause,
 * and the last log lines. Writes all logs into the cluster's directory.
 */
final class Diagnosis {

  private static final int LAST_LINES = 12;
  private static final int ALL_LINES = 100_000;
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(5);

  private final ClusterBackend backend;
  private final ClusterId id;

  Diagnosis(ClusterBackend backend, ClusterId id) {
    this.backend = backend;
    this.id = id;
  }

  /**
   * @param what what happened, to follow the cluster's name
   */
  SlurmClusterException failure(@Nullable String what, @Nullable Throwable cause) {
    return failure(what, "", cause);
  }

  /**
   * @param what what happened, to follow the cluster's name
   * @param words output of Slurm or a job, which may name the cause
   */
  SlurmClusterException failure(@Nullable String what, String words, @Nullable Throwable cause) {
    StringBuilder message = new StringBuilder();
    message.append("Cluster ").append(id.name()).append(": ").append(what).append('\n');
    try {
      describe(message, words);
    } catch (SlurmClusterException e) {
      message.append("Nothing more is known: ").append(e.getMessage()).append('\n');
    }
    return new SlurmClusterException(message.toString().strip(), cause);
  }

  private void describe(StringBuilder message, String words) {
    List<BackendNode> nodes = backend.inventory().nodes(id);
    Map<String, String> logs = new LinkedHashMap<>();
    nodes.forEach(
        node -> logs.put(node.name(), backend.nodeAccess().logs(id, node.name(), ALL_LINES)));
    List<Node> known = List.of();
    String slurm = "";
    if (!nodes.isEmpty() && nodes.get(0).running()) {
      try {
        known = slurm(nodes.get(0).name()).nodes();
        slurm = known.stream().map(Node::summary).collect(Collectors.joining("\n"));
      } catch (SlurmClusterException e) {
        slurm = String.valueOf(e.getMessage());
      }
    }

    Optional<LikelyCause.Found> likely = LikelyCause.of(nodes, logs, known);
    Path configuration = id.directory().resolve("config");
    ConfigurationMistake.find(configuration, logs.values())
        .or(() -> FailedScript.find(configuration, logs, words))
        .or(() -> likely.map(LikelyCause.Found::text))
        .ifPresent(cause -> message.append("Likely cause: ").append(cause).append('\n'));
    message.append("Nodes:\n");
    nodes.forEach(
        node ->
            message
                .append("  ")
                .append(node.name())
                .append("  ")
                .append(node.detail())
                .append('\n'));
    if (!slurm.isBlank()) {
      message.append("What Slurm says of them:\n").append(slurm.indent(2));
    }
    String suspect =
        nodes.stream()
            .filter(node -> !node.running())
            .map(BackendNode::name)
            .findFirst()
            .or(() -> likely.flatMap(LikelyCause.Found::node))
            .or(() -> nodes.stream().map(BackendNode::name).findFirst())
            .orElse("");
    if (logs.containsKey(suspect)) {
      message
          .append("Last lines of ")
          .append(suspect)
          .append(":\n")
          .append(last(logs.get(suspect)).indent(2));
    }
    message.append(save(logs, slurm));
  }

  /** Returns Slurm with short limits, so that the diagnosis does not wait. */
  private Slurm slurm(String controller) {
    return new Slurm(
        (user, command, lines, timeout) ->
            backend.nodeAccess().run(id, controller, user, command, lines, COMMAND_TIMEOUT));
  }

  private static String last(String log) {
    List<String> lines = log.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  private String save(Map<String, String> logs, String slurm) {
    Path directory = id.directory().resolve("logs");
    try {
      Files.createDirectories(directory);
      for (Map.Entry<String, String> log : logs.entrySet()) {
        Files.writeString(
            directory.resolve(log.getKey() + ".log"), log.getValue(), StandardCharsets.UTF_8);
      }
      if (!slurm.isBlank()) {
        Files.writeString(directory.resolve("sinfo.txt"), slurm, StandardCharsets.UTF_8);
      }
      return "All logs: " + directory + "\n";
    } catch (IOException e) {
      return "The logs could not be written to " + directory + ": " + FileFailure.of(e) + "\n";
    }
  }
}
