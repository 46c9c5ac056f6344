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
 * A container engine, as much of it as a cluster needs.
 *
 * <p>Implementations are thread-safe; every method may be called from several threads at once. All
 * methods throw {@link EngineException}; removing what is already gone is no error.
 */
public interface ContainerEngine extends AutoCloseable {

  /** Version, capacity and address of the engine. Asked once and remembered. */
  EngineInfo info();

  /** The id of a local image, or empty when the engine does not have it. */
  Optional<String> findImage(String reference);

  /** The references of a repository's local images. */
  List<String> listImages(String repository);

  /**
   * Removes a reference, and the image with it unless it has others.
   *
   * @throws EngineException of kind {@code OTHER} when a container uses the image
   */
  void removeImage(String reference);

  /**
   * Gives a local image another name, which it takes from any image that has it.
   *
   * @param target name with a tag
   * @throws EngineException of kind {@code NOT_FOUND} when the image is not there
   */
  void tagImage(String reference, String target);

  /**
   * Pulls an image.
   *
   * @param progress gets one line a change of state, and how much of the layers is there
   * @throws EngineException of kind {@code NOT_FOUND} when the registry does not have it for the
   *     engine's architecture, of kind {@code OTHER_DIGEST} when the reference has a digest and the
   *     registry sent something else
   */
  void pullImage(String reference, EngineProgress progress);

  /**
   * Builds an image with the classic builder, blocking until it is tagged.
   *
   * @param progress gets the build's output line by line, and which step it is at
   * @throws EngineException of kind {@code BUILD_FAILED} with the failing step and its last output
   */
  void buildImage(ImageBuild build, EngineProgress progress);

  /** Builds an image as {@link #buildImage(ImageBuild, EngineProgress)} does. */
  void buildImage(ProjectBuild build, EngineProgress progress);

  /**
   * Takes images out of an archive that {@code docker save} wrote, and returns their names.
   *
   * @param archive tar, compressed or not; read to its end but not closed
   */
  List<String> loadImages(InputStream archive);

  /** Writes an image as a tar archive, as {@code docker save} does. */
  void saveImage(String reference, OutputStream archive);

  /**
   * Pushes a local image under a name that it has only meanwhile. An interrupt of the calling
   * thread gives up.
   *
   * @param target name with registry and tag
   * @throws EngineException of kind {@code NOT_FOUND} when the image is not there
   */
  void pushImage(String reference, String target, EngineProgress progress);

  /**
   * Creates a bridge network and returns its id.
   *
   * @throws EngineException of kind {@code SUBNET_IN_USE} or {@code NAME_IN_USE}
   */
  String createNetwork(NetworkDefinition network);

  /** All networks of the engine, ours and others. */
  List<NetworkSummary> listNetworks();

  /** Removes a network by id or name. */
  void removeNetwork(String idOrName);

  /** Takes a running container out of a network; one that is not in it stays so. */
  void leaveNetwork(String id, String network);

  /** Lets a running container join a network that it is not in. */
  void joinNetwork(String id, NetworkAttachment attachment);

  /** Creates a local volume; an existing one of that name stays as it is. */
  void createVolume(String name, Map<String, String> labels);

  /**
   * Volumes that carry all the labels.
   *
   * @param labels key to value; an empty value stands for any
   */
  List<VolumeSummary> listVolumes(Map<String, String> labels);

  /** Removes a volume by name. */
  void removeVolume(String name);

  /**
   * Creates a container and returns its id.
   *
   * @throws EngineException of kind {@code NAME_IN_USE}, or {@code NOT_FOUND} when the image is not
   *     there
   */
  String createContainer(ContainerDefinition container);

  /**
   * Starts a container; one that runs already stays as it is.
   *
   * @throws EngineException of kind {@code PORT_IN_USE} when a published port is taken
   */
  void startContainer(String id);

  /** Sends SIGTERM, and SIGKILL after {@code grace}; one that is stopped already stays so. */
  void stopContainer(String id, Duration grace);

  /** Kills and removes a container with its anonymous volumes. */
  void removeContainer(String id);

  /** What a container is doing; throws {@code NOT_FOUND} when it is gone. */
  ContainerState inspectContainer(String id);

  /**
   * Containers in any state that carry all the labels.
   *
   * @param labels key to value; an empty value stands for any
   */
  List<ContainerSummary> listContainers(Map<String, String> labels);

  /**
   * Watches for the end of a container that was started.
   *
   * @param onExit called once with the exit code, from another thread, also when the container has
   *     ended before the call; with -1 when the engine no longer knows. Not called after close
   * @return closes the watch
   */
  Subscription watchExit(String id, Consumer<Integer> onExit);

  /**
   * Runs a command in a running container and waits for it.
   *
   * @param output gets both streams as they come; what it throws ends the call
   * @param timeout after which the call throws {@code OTHER}; the command may still run
   * @return the exit code
   */
  int exec(String id, ExecCommand command, CommandOutput output, Duration timeout);

  /**
   * Runs a command in a running container and waits for it.
   *
   * @param lines gets standard output line by line as it comes; the result holds it as well
   * @param timeout after which the call throws {@code OTHER}; the command may still run
   */
  default CommandResult exec(
      String id, ExecCommand command, Consumer<String> lines, Duration timeout) {
    CollectedOutput output = new CollectedOutput(lines);
    return output.result(exec(id, command, output, timeout));
  }

  /**
   * Runs a command in a running container with a terminal of its own, for a person at this one. It
   * lasts until the command ends. When the terminal's input ends, the command reads end of file.
   *
   * <p>An interrupt of the calling thread hangs up: the command gets Ctrl-C and end of file, and
   * the call throws {@code OTHER}.
   *
   * @param terminal the person's side; stays open
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
   * Reads what the container's main process wrote to both its streams.
   *
   * <p>Following a log ends with the container, or with an interrupt of the calling thread: then
   * the call returns, and the thread stays interrupted. Any other reading throws {@code OTHER} when
   * it is interrupted, for it is not complete.
   *
   * @param lines gets the lines in the order in which they were written, from another thread; what
   *     it throws ends the call
   */
  void logs(String id, LogRequest request, Consumer<String> lines);

  /** Closes the connection to the engine; nothing on the engine changes. */
  @Override
  void close();

  /** Something that goes on until it is closed. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
