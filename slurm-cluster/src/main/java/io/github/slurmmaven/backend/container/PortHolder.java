/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds out who holds a port of this machine, for the message that says it is taken. */
final class PortHolder {

  private PortHolder() {}

  static String describe(ContainerEngine engine, String address, int port) {
    return container(engine, port).or(() -> process(port)).orElse("another program on " + address);
  }

  private static Optional<String> container(ContainerEngine engine, int port) {
    for (ContainerSummary container : engine.listContainers(Map.of())) {
      if (container.status() == ContainerState.Status.RUNNING) {
        try {
          boolean holds =
              engine.inspectContainer(container.id()).ports().stream()
                  .anyMatch(binding -> binding.hostPort() == port);
          if (holds) {
            return Optional.of("the container " + container.name());
          }
        } catch (EngineException e) {
          if (e.kind() != EngineException.Kind.NOT_FOUND) {
            throw e;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Linux: the listening socket's inode from /proc/net/tcp, then the process that has it open. */
  private static Optional<String> process(int port) {
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .flatMap(table -> listeningInode(Path.of(table), port).stream())
        .flatMap(inode -> holder(inode).stream())
        .findFirst();
  }

  private static Optional<String> listeningInode(Path table, int port) {
    String suffix = ":%04X".formatted(port);
    try (Stream<String> lines = Files.lines(table)) {
      return lines
          .map(line -> line.strip().split("\\s+"))
          .filter(f -> f.length > 9 && f[1].endsWith(suffix) && f[3].equals("0A"))
          .map(fields -> fields[9])
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> holder(String inode) {
    String link = "socket:[" + inode + "]";
    return ProcessHandle.allProcesses()
        .filter(process -> hasOpen(process.pid(), link))
        .map(
            process ->
                "the process "
                    + process.info().command().map(c -> Path.of(c).getFileName() + " ").orElse("")
                    + "with id "
                    + process.pid())
        .findFirst();
  }

  private static boolean hasOpen(long pid, String link) {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return descriptors.anyMatch(
          descriptor -> {
            try {
              return Files.readSymbolicLink(descriptor).toString().equals(link);
            } catch (IOException e) {
              return false;
            }
          });
    } catch (IOException e) {
      // Another user's process: we cannot tell.
      return false;
    }
  }
}
