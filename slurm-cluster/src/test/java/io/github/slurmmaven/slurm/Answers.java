/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What real clusters of each version have answered. */
public final class Answers {

  private static final Path DIRECTORY = Path.of("src/test/resources/slurm");

  private Answers() {}

  /**
   * All that {@code snapshot.sh} prints of a cluster with one GPU node, with jobs of every kind.
   */
  public static String gpuCluster(SlurmVersion version) {
    return read(version, "cluster-gpu.txt") + read(version, "jobs.txt");
  }

  /** The same of a cluster of five nodes without jobs. */
  static String multiNodeCluster(SlurmVersion version) {
    return read(version, "cluster-multi-node.txt") + "No jobs in the system\n";
  }

  /** {@code scontrol show job}. */
  static String jobs(SlurmVersion version) {
    return read(version, "jobs.txt");
  }

  /** {@code scontrol show node} of four nodes, three of which were taken out. */
  static String unwellNodes(SlurmVersion version) {
    return read(version, "nodes-unwell.txt");
  }

  private static String read(SlurmVersion version, String name) {
    try {
      return Files.readString(DIRECTORY.resolve(version.release()).resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
