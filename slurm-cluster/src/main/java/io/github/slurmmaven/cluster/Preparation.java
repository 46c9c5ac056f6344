/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.files.render.Renderer;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Loads classes that a request needs, on threads beside its caller's: most of the time of a JVM's
 * first request goes into that.
 */
final class Preparation {

  /** Classes stay loaded: what a JVM has prepared once serves all of its requests. */
  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  private static final AtomicBoolean ENGINE_BEGUN = new AtomicBoolean();

  /** What is done to have classes loaded. */
  private interface Use {
    void run() throws IOException;
  }

  private Preparation() {}

  /** Begins; does nothing when this JVM has begun before. */
  static void begin() {
    if (BEGUN.getAndSet(true)) {
      return;
    }
    begin("definition", Preparation::definition);
    begin("files", Preparation::files);
  }

  /** Begins with what a container engine needs; does nothing when this JVM has begun before. */
  static void beginEngine() {
    if (!ENGINE_BEGUN.getAndSet(true)) {
      begin("engine", DockerEngine::prepare);
    }
  }

  private static void begin(String name, Use use) {
    Thread thread =
        new Thread(
            () -> {
              try {
                use.run();
              } catch (IOException | RuntimeException | LinkageError e) {
                // The request fails at the same place, and reports it. If it has ended already,
                // Maven has closed the plugin's class loader.
              }
            },
            "slurm-prepare-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  static void definition() {
    ClusterYaml.write(ClusterParameters.builder().build().toDefinition());
  }

  static void files() {
    Renderer.prepare();
    SshKeyPair.generateEcdsa();
    SshKeyPair.generate();
  }
}
