/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts processes from one thread that lives as long as this virtual machine: for the kernel, the
 * parent whose death signals a process (PR_SET_PDEATHSIG) is a thread.
 */
final class Processes {

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread created = new Thread(task, "processes");
            created.setDaemon(true);
            return created;
          });

  Process start(ProcessBuilder builder) throws IOException, InterruptedException {
    try {
      return thread.submit(builder::start).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException problem
          ? problem
          : new IOException("no process could be started", e.getCause());
    }
  }

  /**
   * Sends a signal to the process group that a process has started, through a shell, because Java
   * cannot.
   */
  void signal(Process launcher, String signal) {
    launcher
        .children()
        .findFirst()
        .ifPresent(
            child -> {
              ProcessBuilder kill =
                  new ProcessBuilder("/bin/sh", "-c", "kill -s " + signal + " -- -" + child.pid());
              try {
                start(kill.inheritIO()).waitFor();
              } catch (IOException e) {
                System.err.println("SIG" + signal + " could not be sent: " + e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }
}
