/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.ClusterBackend.Allocation;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.EnvFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a cluster gets of this machine, as the variables of {@code .env} that keep it.
 *
 * @param sshPort port for SSH
 * @param slurmPort port of slurmctld; the compute nodes have the next ones
 * @param shortcut short path of the cluster's directory, where its own path cannot be used
 */
record LocalChoice(int sshPort, int slurmPort, Optional<Path> shortcut) {

  private static final String SSH_PORT = "SLURM_MAVEN_SSH_PORT";
  private static final String SLURM_PORT = "SLURM_MAVEN_SLURM_PORT";
  private static final String SHORTCUT = "SLURM_MAVEN_SHORTCUT";

  /**
   * Reads the file that keeps it.
   *
   * @throws UserMistakeException naming the file, and what to do
   */
  static LocalChoice read(Path file) {
    return of(new Allocation(new TreeMap<>(EnvFile.read(file))))
        .orElseThrow(
            () ->
                new UserMistakeException(
                    file + " lacks a port, or has one that is no number: run slurm:create again"));
  }

  /** The variables' meaning; empty when they have none here. */
  static Optional<LocalChoice> of(Allocation allocation) {
    Map<String, String> variables = allocation.variables();
    try {
      return Optional.of(
          new LocalChoice(
              Integer.parseInt(variables.getOrDefault(SSH_PORT, "")),
              Integer.parseInt(variables.getOrDefault(SLURM_PORT, "")),
              Optional.ofNullable(variables.get(SHORTCUT)).map(Path::of)));
    } catch (NumberFormatException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  Allocation allocation() {
    SortedMap<String, String> variables = new TreeMap<>();
    variables.put(SSH_PORT, Integer.toString(sshPort));
    variables.put(SLURM_PORT, Integer.toString(slurmPort));
    shortcut.ifPresent(path -> variables.put(SHORTCUT, path.toString()));
    return new Allocation(variables);
  }
}
