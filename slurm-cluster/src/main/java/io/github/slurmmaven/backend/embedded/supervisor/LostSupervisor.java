/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A supervisor whose directory was removed while it runs. It cannot receive commands any more, but
 * can be found by its command line, and takes signals.
 *
 * @param directory the removed directory
 * @param user the owner of its processes
 */
public record LostSupervisor(Path directory, ThisUser user) {

  private static final long POLL_MILLIS = 20;

  /** Returns the supervisor, its guard and its keepers. */
  private List<ProcessHandle> processes() {
    String ending = "/slurm-supervisor\0" + directory + "\0";
    return ProcessHandle.allProcesses()
        .filter(process -> commandLine(process).endsWith(ending))
        .filter(this::isOurs)
        .toList();
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return new String(
          Files.readAllBytes(proc(process).resolve("cmdline")), StandardCharsets.UTF_8);
    } catch (IOException e) {
      // The process has just ended.
      return "";
    }
  }

  private boolean isOurs(ProcessHandle process) {
    try {
      return (Integer) Files.getAttribute(proc(process), "unix:uid") == user.id();
    } catch (IOException e) {
      return false;
    }
  }

  private static Path proc(ProcessHandle process) {
    return Path.of("/proc", Long.toString(process.pid()));
  }

  public boolean isAlive() {
    return !processes().isEmpty();
  }

  /**
   * Ends the supervisor with all processes that it has started. What has not ended in time is
   * killed.
   */
  public void stop(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    processes().forEach(ProcessHandle::destroy);
    while (isAlive()) {
      if (System.nanoTime() > deadline) {
        // The guard and the keepers end what the supervisor leaves, and then themselves.
        processes().stream().skip(1).findFirst().ifPresent(ProcessHandle::destroyForcibly);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SlurmClusterException("Interrupted while a cluster's processes end", e);
      }
    }
  }
}
