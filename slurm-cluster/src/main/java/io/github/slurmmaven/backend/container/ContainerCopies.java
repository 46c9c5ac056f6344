/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** Copies files between this machine and containers. */
final class ContainerCopies {

  private final ContainerEngine engine;
  private final Object copying = new Object();

  ContainerCopies(ContainerEngine engine) {
    this.engine = engine;
  }

  /** Copies a file or directory of this machine into a container, which need not run. */
  void copy(String container, String node, Path source, String target) {
    try (InputStream tar = HostFiles.tar(source, target)) {
      // Nodes share directories, in which two copies at the same time would conflict.
      synchronized (copying) {
        engine.copyTo(container, "/", tar);
      }
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.OTHER_TYPE) {
        throw new UserMistakeException(
            "target: '%s' of node %s would be replaced, as one is a file and the other a directory: name another"
                .formatted(target, node),
            e);
      }
      throw e;
    } catch (IOException e) {
      throw new UserMistakeException(
          "source: %s cannot be copied to node %s: %s".formatted(source, node, FileFailure.of(e)),
          e);
    }
  }

  /** Copies a file or directory of a container to this machine. */
  void copyBack(String container, String node, String source, Path target) {
    try {
      engine.copyFrom(container, source, tar -> HostFiles.unpack(tar, target));
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.NOT_FOUND) {
        throw new UserMistakeException(
            "source: node %s has no file or directory '%s'".formatted(node, source), e);
      }
      throw e;
    } catch (IOException e) {
      throw new UserMistakeException(
          "target: '%s' cannot be written: %s".formatted(target, FileFailure.of(e)), e);
    }
  }
}
