/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.Mount;
import io.github.slurmmaven.engine.ContainerEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Copies files into containers, for an engine that does not see this machine's files and so cannot
 * mount them.
 */
final class MountedFiles {

  /** The value of the label {@link Labels#FILES}. */
  static final String COPIED = "copied";

  private MountedFiles() {}

  /** Returns the container without mounts of the host, and with a label that says so. */
  static ContainerDefinition without(ContainerDefinition wanted) {
    return wanted.with(
        Labels.FILES,
        COPIED,
        wanted.mounts().stream().filter(mount -> mount.kind() != Mount.Kind.BIND).toList());
  }

  /** Copies the files that would have been mounted into the container, which need not run. */
  static void copy(ContainerEngine engine, String container, ContainerDefinition wanted) {
    for (Mount mount : wanted.mounts()) {
      if (mount.kind() == Mount.Kind.BIND) {
        try (InputStream tar = HostFiles.tar(Path.of(mount.source()), mount.target())) {
          engine.copyTo(container, "/", tar);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
