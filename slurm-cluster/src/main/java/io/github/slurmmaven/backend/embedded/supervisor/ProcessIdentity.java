/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Identifies a process, even if its id is used again later.
 *
 * @param pid process id
 * @param start start of the process, in clock ticks since the machine's boot; see proc_pid_stat(5)
 */
public record ProcessIdentity(long pid, long start) {

  /** Fields of the stat file, counted from the one after the program's name. */
  private static final int STATE = 0;

  private static final int START = 19;

  /** This Java virtual machine. */
  static ProcessIdentity current() {
    return of(ProcessHandle.current().pid())
        .orElseThrow(
            () -> new SlurmClusterException("/proc does not show this process: is it mounted?"));
  }

  /** Returns the process that has an id now; empty when there is none, or it has ended. */
  public static Optional<ProcessIdentity> of(long pid) {
    List<String> fields;
    try {
      String line =
          Files.readString(
              Path.of("/proc", String.valueOf(pid), "stat"), StandardCharsets.ISO_8859_1);
      // The program's name before it may contain any character.
      fields = List.of(line.substring(line.lastIndexOf(')') + 2).split(" ", -1));
    } catch (IOException e) {
      return Optional.empty();
    }
    return fields.get(STATE).equals("Z")
        ? Optional.empty()
        : Optional.of(new ProcessIdentity(pid, Long.parseLong(fields.get(START))));
  }

  /** Whether it still runs. */
  boolean lives() {
    return of(pid).equals(Optional.of(this));
  }

  @Override
  public String toString() {
    return pid + " " + start;
  }
}
