/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClockFile;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.ParallelActions;
import io.github.slurmmaven.definition.SshDefinition;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Exports logs and states of a cluster as files. */
public final class LogBundle {

  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);

  /** Slurm's commands, by the file of their output. */
  private static final Map<String, List<String>> QUESTIONS = new LinkedHashMap<>();

  static {
    QUESTIONS.put("sinfo.txt", List.of("sinfo", "--all", "--long", "--Node"));
    QUESTIONS.put("squeue.txt", List.of("squeue", "--all", "--long"));
    QUESTIONS.put("nodes.txt", List.of("scontrol", "--details", "show", "nodes"));
    QUESTIONS.put("partitions.txt", List.of("scontrol", "--all", "show", "partitions"));
    QUESTIONS.put("jobs.txt", List.of("scontrol", "--details", "--all", "show", "jobs"));
    QUESTIONS.put("config.txt", List.of("scontrol", "show", "config"));
  }

  private final ClusterBackend backend;
  private final ClusterId id;

  public LogBundle(ClusterBackend backend, ClusterId id) {
    this.backend = backend;
    this.id = id;
  }

  public void write(Path directory) {
    List<BackendNode> nodes = backend.inventory().nodes(id);
    if (nodes.isEmpty() && !Files.isDirectory(id.directory())) {
      throw new UserMistakeException("There is nothing of cluster %s".formatted(id.name()));
    }
    try {
      Files.createDirectories(directory.resolve("logs"));
      Files.writeString(
          directory.resolve("containers.txt"),
          nodes.stream()
              .map(node -> "%s  %s  %s%n".formatted(node.name(), node.role(), node.detail()))
              .collect(Collectors.joining()));
      copyFiles(directory.resolve("files"));
      ParallelActions.forEach(
          nodes, "the export of logs", node -> log(node.name(), directory.resolve("logs")));
      Optional<BackendNode> controller =
          nodes.stream()
              .filter(BackendNode::runsController)
              .filter(BackendNode::running)
              .findFirst();
      if (controller.isPresent()) {
        for (Map.Entry<String, List<String>> question : QUESTIONS.entrySet()) {
          Files.writeString(
              directory.resolve(question.getKey()),
              answer(controller.get().name(), question.getValue()));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new UserMistakeException(
          "export: the logs cannot be written to " + directory + ": " + FileFailure.of(e), e);
    }
  }

  private void log(String node, Path directory) {
    try (BufferedWriter file = Files.newBufferedWriter(directory.resolve(node + ".log"))) {
      backend
          .nodeAccess()
          .logs(
              id,
              node,
              LogRequest.all(),
              line -> {
                try {
                  file.write(line);
                  file.newLine();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String answer(String controller, List<String> question) {
    try {
      CommandResult result =
          backend
              .nodeAccess()
              .run(id, controller, SshDefinition.USER, question, line -> {}, COMMAND_TIMEOUT);
      return result.stdout() + result.stderr();
    } catch (SlurmClusterException e) {
      return e.getMessage() + System.lineSeparator();
    }
  }

  /** Copies the cluster's files, without keys. */
  private void copyFiles(Path target) throws IOException {
    if (!Files.isDirectory(id.directory())) {
      return;
    }
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(id.directory())) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().equals("connection.properties"))
              .toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path configuration = id.directory().resolve("config");
    if (Files.isDirectory(configuration)) {
      Files.createDirectories(target.resolve("config"));
      try (Stream<Path> files = Files.list(configuration)) {
        for (Path file :
            files
                .filter(Files::isRegularFile)
                .filter(file -> !file.endsWith(ClockFile.NAME))
                .toList()) {
          Files.copy(
              file,
              target.resolve("config").resolve(file.getFileName()),
              StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
