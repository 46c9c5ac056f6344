/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processes and memory that one user can still use on this machine.
 *
 * @param processes processes and threads that may still be started
 * @param megabytes memory that is free
 */
record Capacity(long processes, long megabytes) {

  /** Threads of slurmctld, munged, the SSH server and their keepers. */
  private static final int THREADS_OF_CONTROLLER = 80;

  /** Threads of slurmd and its keeper, with a job's first step. */
  private static final int THREADS_PER_NODE = 12;

  /** Memory of a slurmd, rounded up. */
  private static final int MEGABYTES_PER_NODE = 8;

  private static final Path PROC = Path.of("/proc");

  /** Reads what is free now; a value that is unknown is unlimited. */
  static Capacity system(ThisUser user) {
    long ofUser = user.isRoot() ? Long.MAX_VALUE : processLimit() - threads(user);
    return new Capacity(Math.min(ofUser, restOfControlGroup()), freeMegabytes());
  }

  /**
   * Refuses a cluster that does not fit.
   *
   * @throws UserMistakeException names what is missing
   */
  void check(ClusterDefinition definition) {
    int nodes = definition.nodes().size();
    long threads = THREADS_OF_CONTROLLER + (long) nodes * THREADS_PER_NODE;
    if (threads > processes) {
      throw new UserMistakeException(
          "%d nodes need about %d processes and threads, and %d more may be started here (ulimit -u, or a container's limit): raise the limit, ask for fewer nodes, or use engine=docker"
              .formatted(nodes, threads, Math.max(0, processes)));
    }
    long memory = (long) nodes * MEGABYTES_PER_NODE;
    if (memory > megabytes) {
      throw new UserMistakeException(
          "%d nodes need about %d MB of memory for Slurm's daemons alone, and this machine has %d MB: ask for fewer nodes"
              .formatted(nodes, memory, megabytes));
    }
  }

  private static long processLimit() {
    return number(PROC.resolve("self/limits"), "Max processes +(\\d+)", Long.MAX_VALUE);
  }

  /** RLIMIT_NPROC counts threads; see setrlimit(2). */
  private static long threads(ThisUser user) {
    try (Stream<Path> entries = Files.list(PROC)) {
      return entries
          .filter(entry -> entry.getFileName().toString().matches("\\d+"))
          .filter(entry -> belongsTo(entry, user))
          .mapToLong(entry -> number(entry.resolve("status"), "Threads:\\s+(\\d+)", 0))
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  /** A container's limit, by either version of control groups. */
  private static long restOfControlGroup() {
    return Stream.of("/sys/fs/cgroup", "/sys/fs/cgroup/pids")
        .map(Path::of)
        .mapToLong(
            group ->
                number(group.resolve("pids.max"), "^(\\d+)", Long.MAX_VALUE)
                    - number(group.resolve("pids.current"), "^(\\d+)", 0))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private static boolean belongsTo(Path process, ThisUser user) {
    try {
      return (Integer) Files.getAttribute(process, "unix:uid") == user.id();
    } catch (IOException e) {
      return false;
    }
  }

  private static long freeMegabytes() {
    long kilobytes = number(PROC.resolve("meminfo"), "MemAvailable:\\s+(\\d+)", Long.MAX_VALUE);
    return kilobytes / 1024;
  }

  private static long number(Path file, String pattern, long otherwise) {
    try {
      Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
      return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
    } catch (IOException | NumberFormatException e) {
      return otherwise;
    }
  }
}
