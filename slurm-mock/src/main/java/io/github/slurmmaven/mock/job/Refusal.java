/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.util.List;

/** Slurm's no to a request: the lines that it prints, and the exit status. */
public final class Refusal extends Exception {

  private static final long serialVersionUID = 1;

  private final transient List<String> lines;
  private final int status;

  private Refusal(int status, List<String> lines) {
    super(String.join("\n", lines));
    this.status = status;
    this.lines = lines;
  }

  /** Lines as they are printed. */
  public static Refusal raw(int status, String... lines) {
    return new Refusal(status, List.of(lines));
  }

  /** Returns slurmctld's refusal of a submission, before which the command prints its own text. */
  static Refusal ofController(String reason, String... before) {
    String[] lines = java.util.Arrays.copyOf(before, before.length + 1);
    lines[before.length] = CONTROLLER + reason;
    return new Refusal(1, List.of(lines));
  }

  private static final String CONTROLLER = "\u0000";

  /** Returns the lines as a command prints them. */
  public List<String> lines(String command) {
    String failed =
        switch (command) {
          case "sbatch" -> "Batch job submission failed: ";
          case "salloc" -> "Job submit/allocate failed: ";
          default -> "Unable to allocate resources: ";
        };
    return lines.stream()
        .map(line -> line.startsWith("!") ? command + ": error: " + line.substring(1) : line)
        .map(
            line ->
                line.startsWith(CONTROLLER)
                    ? command + ": error: " + failed + line.substring(1)
                    : line)
        .toList();
  }

  public int status() {
    return status;
  }
}
