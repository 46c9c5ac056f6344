/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** A program that connects to an engine, to be run by {@link SocketOfOthersIT}. */
final class ConnectToEngine {

  private ConnectToEngine() {}

  /** Arguments: variable and value that name the engine, default socket, home directory. */
  public static void main(String[] arguments) {
    Environment environment =
        new Environment(
            arguments[0].isEmpty() ? Map.of() : Map.of(arguments[0], arguments[1]),
            Path.of(arguments[3]),
            URI.create("unix://" + arguments[2]));
    try (DockerEngine engine = DockerEngine.connect(environment)) {
      System.out.println("connected: " + engine);
    } catch (RuntimeException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
