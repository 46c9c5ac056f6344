/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The operations of a container engine that a cluster needs.
 *
 * <p>Implementations are thread-safe; every method may be called from several threads at once. All
 * methods throw {@link EngineException}; removing an object that does not exist is not an error.
 */
public interface ContainerEngine extends AutoCloseable {

  /** Returns version, capacity and address of the engine. They are read once and cached. */
  EngineInfo info();

  /** Returns the id of a local image; empty if the engine does not have it. */
  Optional<String> findImage(String reference);

  /** Returns the references of a repository's local images. */
  List<String> listImages(String repository);

  /**
   * Removes a reference, and the image if it has no other reference.
   *
   * @throws EngineException of kind {@code OTHER} when a container uses the image
   */
  void removeImage(String reference);

  /**
   * Gives a local image another name. An image that has this name loses it.
   *
   * @param target name with a tag
   * @throws EngineException of kind {@code NOT_FOUND} when the image does not exist
   */
  void tagImage(String reference, String target);

  /**
   * Pulls an image.
   *
   * @param progress receives a line for each change of state, and the progress of the layers
   * @throws EngineException of kind {@code NOT_FOUND} when the registry does not have it for the
   *     engine's architecture, of kind {@code OTHER_DIGEST} when the reference has a digest and the
   *     registry sent other content
   */
  void pullImage(String reference, EngineProgress progress);

  /**
   * Builds an image with the classic builder, blocking until it is tagged.
   *
   * @param progress receives the build's output line by line, and the present step
   * @throws EngineException of kind {@code BUILD_FAILED} with the failing step and its last output
   */
  void buildImage(ImageBuild build, EngineProgress progress);

  /** Builds an image as {@link #buildImage(ImageBuild, EngineProgress)} does. */
  void buildImage(ProjectBuild build, EngineProgress progress);

  /**
   * Loads the images of an archive of {@code docker save}, and returns their names.
   *
   * @param archive tar, compressed or not; read to its end but not closed
   */
  List<String> loadImages(InputStream archive);

  /** Writes an image as a tar archive, as {@code docker save} does. */
  void saveImage(String reference, OutputStream archive);

  /**
   * Pushes a local image under another name, which it has only during the push. An interrupt of the
   * calling thread ends the push.
   *
   * @param target name with registry and tag
   * @throws EngineException of kind {@code NOT_FOUND} when the image does not exist
   */
  void pushImage(String reference, String target, EngineProgress progress);

  /**
   * Creates a bridge network and returns its id.
   *
   * @throws EngineException of kind {@code SUBNET_IN_USE} or {@code NAME_IN_USE}
   */
  String createNetwork(NetworkDefinition network);

  /** Returns all networks of the engine. */
  List<NetworkSummary> listNetworks();

  /** Removes a network by id or name. */
  void removeNetwork(String idOrName);

  /** Disconnects a running container from a network, if it is connected. */
  void leaveNetwork(String id, String network);

  /** Connects a running container to a network. */
  void joinNetwork(String id, NetworkAttachment attachment);

  /** Creates a local volume, if it does not exist. */
  void createVolume(String name, Map<String, String> labels);

  /**
   * Returns the volumes with all of the labels.
   *
   * @param labels key to value; an empty value matches any
   */
  List<VolumeSummary> listVolumes(Map<String, String> labels);

  /** Removes a volume by name. */
  void removeVolume(String name);

  /**
   * Creates a container and returns its id.
   *
   * @throws EngineException of kind {@code NAME_IN_USE}, or {@code NOT_FOUND} when the image does
   *     not exist
   */
  String createContainer(ContainerDefinition container);

  /**
   * Starts a container, if it does not run.
   *
   * @throws EngineException of kind {@code PORT_IN_USE} when a published port is taken
   */
  void startContainer(String id);

  /** Stops a running container: sends SIGTERM, and SIGKILL after {@code grace}. */
  void stopContainer(String id, Duration grace);

  /** Kills and removes a container with its anonymous volumes. */
  void removeContainer(String id);

  /** Returns the state of a container; throws {@code NOT_FOUND} if it does not exist. */
  ContainerState inspectContainer(String id);

  /**
   * Returns the containers with all of the labels, in any state.
   *
   * @param labels key to value; an empty value matches any
   */
  List<ContainerSummary> listContainers(Map<String, String> labels);

  /**
   * Watches for the end of a container that was started.
   *
   * @param onExit called once with the exit code, from another thread, even if the container has
   *     already ended; with -1 if the engine no longer has the exit code. Not called after close
   * @return closes the watch
   */
  Subscription watchExit(String id, Consumer<Integer> onExit);

  /**
   * Runs a command in a running container and waits for it.
   *
   * @param output receives both streams as they are written; its exceptions end the call
   * @param timeout after which the call throws {@code OTHER}; the command may still run
   * @return the exit code
   */
  int exec(String id, ExecCommand command, CommandOutput output, Duration timeout);

  /**
   * Runs a command in a running container and waits for it.
   *
   * @param lines receives standard output, line by line, as it is written; the result contains it,
   *     too
   * @param timeout after which the call throws {@code OTHER}; the command may still run
   */
  default CommandResult exec(
      String id, ExecCommand command, Consumer<String> lines, Duration timeout) {
    CollectedOutput output = new CollectedOutput(lines);
    return output.result(exec(id, command, output, timeout));
  }

  /**
   * Runs a command in a running container on a terminal of its own, connected to the user's
   * terminal, until the command ends. When the terminal's input ends, the command reads end of
   * file.
   *
   * <p>An interrupt of the calling thread hangs up: the command gets Ctrl-C and end of file, and
   * the call throws {@code OTHER}.
   *
   * @param terminal the user's terminal; not closed
   * @return the exit code
   */
  int terminal(String id, ExecCommand command, Terminal terminal);

  /**
   * Unpacks a tar archive in a container, running or not.
   *
   * @param directory existing directory inside
   * @param tar the archive, not compressed; read to its end but not closed
   * @throws EngineException of kind {@code NOT_FOUND} when container or directory do not exist, of
   *     kind {@code OTHER_TYPE} when a file would replace a directory or a directory a file
   */
  void copyTo(String id, String directory, InputStream tar);

  /**
   * Packs a file or directory of a container, running or not, into a tar archive, in which it has
   * the last part of its path as its name.
   *
   * @param path absolute path inside
   * @throws EngineException of kind {@code NOT_FOUND} when container or path do not exist; reading
   *     throws it when the engine goes away
   * @throws IOException as the reader throws it
   */
  void copyFrom(String id, String path, ArchiveReader reader) throws IOException;

  /**
   * Reads the output of a container's main process on both streams.
   *
   * <p>Following a log ends with the container, or with an interrupt of the calling thread: then
   * the call returns, and the thread stays interrupted. Other reads throw {@code OTHER} when they
   * are interrupted, because they are incomplete.
   *
   * @param lines receives the lines in the order in which they were written, from another thread;
   *     its exceptions end the call
   */
  void logs(String id, LogRequest request, Consumer<String> lines);

  /** Closes the connection to the engine; the engine is not changed. */
  @Override
  void close();

  /** An activity that lasts until it is closed. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
