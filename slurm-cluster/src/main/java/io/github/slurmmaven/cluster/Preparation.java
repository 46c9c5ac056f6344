/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.files.render.Renderer;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Loads classes of a request on other threads. Loading them takes most of the time of a JVM's first
 * request.
 */
final class Preparation {

  /** The preparations that have begun; each is needed once in a JVM. */
  private static final Set<String> BEGUN = ConcurrentHashMap.newKeySet();

  /** Code that loads classes by using them. */
  private interface Use {
    void run() throws IOException;
  }

  private Preparation() {}

  /** Prepares the reading of a request. */
  static void beginDefinition() {
    begin("definition", Preparation::definition);
  }

  /** Prepares the creation of a cluster. */
  static void beginFiles() {
    begin("files", Preparation::files);
  }

  /** Prepares the connection to a container engine. */
  static void beginEngine() {
    begin("engine", DockerEngine::prepare);
  }

  private static void begin(String name, Use use) {
    if (!BEGUN.add(name)) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                use.run();
              } catch (IOException | RuntimeException | LinkageError e) {
                // The request has the same failure and reports it. If it has ended already, Maven
                // has closed the plugin's class loader.
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
