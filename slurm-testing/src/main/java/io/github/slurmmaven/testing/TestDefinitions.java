/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Definitions of clusters for tests of code that reads or writes them; nothing is started. To run a
 * definition, pass it to {@link SlurmTest#definition} or to the cluster's builder.
 */
public final class TestDefinitions {

  /** A definition in a temporary file, which is deleted when this is closed. */
  public static final class DefinitionFile implements AutoCloseable {

    private final Path file;

    private DefinitionFile(Path file) {
      this.file = file;
    }

    /** Returns the file's path. */
    public Path path() {
      return file;
    }

    @Override
    public void close() {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException("a definition cannot be deleted: " + file, e);
      }
    }
  }

  private TestDefinitions() {}

  /** Returns the preset {@code cpu}: one node, no GPUs. */
  public static ClusterDefinition cpu() {
    return preset("cpu", Optional.empty());
  }

  /** Returns the preset {@code gpu} with this number of simulated GPUs. */
  public static ClusterDefinition gpu(int gpus) {
    return preset("gpu", Optional.of(gpus));
  }

  private static ClusterDefinition preset(String preset, Optional<Integer> gpusPerNode) {
    return RequestedCluster.of(preset, gpusPerNode).toDefinition();
  }

  /** Writes a definition to a temporary file, as {@code create} would write it. */
  public static DefinitionFile file(ClusterDefinition definition) {
    try {
      Path file = Files.createTempFile("cluster", ".yaml");
      Files.writeString(file, ClusterYaml.write(definition));
      return new DefinitionFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException("a definition cannot be written", e);
    }
  }
}
