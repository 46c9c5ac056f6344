/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.files.render.Renderer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Loads, beside the reading of parameters, the classes that the creation of a cluster needs after
 * it. They take most of the time of a JVM's first creation.
 */
final class Preparation {

  /** Classes stay loaded: what a JVM has prepared once serves all of its requests. */
  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  private Preparation() {}

  /** Begins, on a thread of its own; does nothing when this JVM has begun before. */
  static void begin() {
    if (BEGUN.getAndSet(true)) {
      return;
    }
    Thread thread = new Thread(Preparation::run, "slurm-prepare");
    thread.setDaemon(true);
    thread.start();
  }

  private static void run() {
    try {
      // In the order in which a creation needs them.
      Renderer.prepare();
      ClusterYaml.write(ClusterDocument.of(Map.of("name", "prepared")));
      SshKeyPair.generateEcdsa();
      SshKeyPair.generate();
    } catch (RuntimeException | LinkageError e) {
      // The creation fails at the same place, and reports it. If there is none, because a parameter
      // is wrong, Maven closes the plugin's class loader.
    }
  }
}
