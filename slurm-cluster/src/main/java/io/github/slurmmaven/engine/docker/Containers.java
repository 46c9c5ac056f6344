/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.LogContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.InternalServerErrorException;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.CommandLine;
import io.github.slurmmaven.common.LineSplitter;
import io.github.slurmmaven.engine.ArchiveReader;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Requests about containers, and operations in them. */
final class Containers {

  private static final int LONGEST_COMMAND = 80;
  private static final Duration POLL = Duration.ofMillis(20);

  private final EngineConnection engine;
  private final Commands commands;

  Containers(EngineConnection engine) {
    this.engine = engine;
    this.commands = new Commands(engine);
  }

  String create(ContainerDefinition container) {
    String id =
        engine.ask(
            "cannot create container " + container.name(),
            () -> creation(container).exec().getId());
    try {
      container.networks().stream().skip(1).forEach(network -> join(container.name(), id, network));
    } catch (EngineException e) {
      try {
        remove(id);
      } catch (EngineException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
    return id;
  }

  private CreateContainerCmd creation(ContainerDefinition container) {
    CreateContainerCmd create = ContainerRequests.create(engine.client(), container);
    HostConfig host = create.getHostConfig();
    if (host != null && engine.isPodman()) {
      Podman.addDockersCapabilities(host);
    }
    return create;
  }

  private void join(String container, String id, NetworkAttachment attachment) {
    engine.change(
        "cannot connect container " + container + " to network " + attachment.network(),
        () ->
            engine
                .client()
                .connectToNetworkCmd()
                .withContainerId(id)
                .withNetworkId(attachment.network())
                .withContainerNetwork(ContainerRequests.endpoint(attachment))
                .exec());
  }

  void start(String id) {
    engine.change(
        "cannot start container " + Names.shortId(id),
        () -> Requests.unlessSo(() -> engine.client().startContainerCmd(id).exec()));
  }

  void stop(String id, Duration grace) {
    // Rounded up: the engine counts in seconds, and 0 would be SIGKILL at once.
    int seconds = Math.toIntExact(grace.plusMillis(999).toSeconds());
    engine.change(
        "cannot stop container " + Names.shortId(id),
        engine.timeouts().answer().plusSeconds(seconds),
        () ->
            Requests.unlessSo(
                () -> engine.client().stopContainerCmd(id).withTimeout(seconds).exec()));
  }

  void remove(String id) {
    String doing = "cannot remove container " + Names.shortId(id);
    engine.change(doing, () -> Requests.unlessGone(() -> forceRemove(id)));
  }

  private @Nullable Void forceRemove(String id) throws InterruptedException {
    long deadline = System.nanoTime() + engine.timeouts().filesFree().toNanos();
    while (true) {
      try {
        return engine
            .client()
            .removeContainerCmd(id)
            .withForce(true)
            .withRemoveVolumes(true)
            .exec();
      } catch (ConflictException e) {
        // Another request removes it; wait until the engine reports that it is gone.
        if (!engine.failures().words(e).contains("already in progress")) {
          throw e;
        }
      } catch (InternalServerErrorException e) {
        // Its files are still mounted, maybe in another program's mount namespace.
        if (!engine.failures().words(e).contains("failed to remove root filesystem")
            || System.nanoTime() > deadline) {
          throw e;
        }
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  ContainerState inspect(String id) {
    return engine.ask(
        "cannot inspect container " + Names.shortId(id),
        () -> ContainerAnswers.state(engine.client().inspectContainerCmd(id).exec()));
  }

  List<ContainerSummary> list(Map<String, String> labels) {
    return engine.ask(
        "cannot list containers",
        () -> {
          var list = engine.client().listContainersCmd().withShowAll(true);
          if (!labels.isEmpty()) {
            list.withLabelFilter(ContainerRequests.labelFilter(labels));
          }
          return list.exec().stream().map(ContainerAnswers::summary).toList();
        });
  }

  Subscription watchExit(String id, Consumer<Integer> onExit) {
    ExitWatch watch = new ExitWatch(engine.requests(), onExit);
    engine.client().waitContainerCmd(id).exec(watch);
    return watch.subscription();
  }

  void leave(String id, String network) {
    if (inspect(id).addresses().containsKey(network)) {
      engine.change(
          "cannot disconnect container " + Names.shortId(id) + " from network " + network,
          () ->
              engine
                  .client()
                  .disconnectFromNetworkCmd()
                  .withContainerId(id)
                  .withNetworkId(network)
                  .exec());
    }
  }

  void join(String id, NetworkAttachment attachment) {
    join(Names.shortId(id), id, attachment);
  }

  /**
   * Returns the first line of a command, because a whole script would make a message hard to read.
   */
  private static String firstLine(List<String> command) {
    String line = CommandLine.shown(command).lines().findFirst().orElse("");
    return line.length() > LONGEST_COMMAND ? line.substring(0, LONGEST_COMMAND) + "…" : line;
  }

  private static String running(ExecCommand command, String id) {
    return "cannot run '" + firstLine(command.command()) + "' in container " + Names.shortId(id);
  }

  int exec(String id, ExecCommand command, CommandOutput output, Duration timeout) {
    return commands.run(running(command, id), id, command, output, timeout);
  }

  int terminal(String id, ExecCommand command, Terminal terminal) {
    return commands.runInTerminal(running(command, id), id, command, terminal);
  }

  void copyTo(String id, String directory, InputStream tar) {
    engine.change(
        "cannot copy into " + directory + " of container " + id,
        () ->
            engine
                .client()
                .copyArchiveToContainerCmd(id)
                .withRemotePath(directory)
                .withNoOverwriteDirNonDir(true)
                .withTarInputStream(tar)
                .exec());
  }

  void copyFrom(String id, String path, ArchiveReader reader) throws IOException {
    String doing = "cannot copy " + path + " from container " + Names.shortId(id);
    try (Response response = engine.ask(doing, () -> engine.direct().archive(id, path))) {
      Future<?> reading =
          engine
              .requests()
              .submit(
                  doing,
                  () -> {
                    reader.read(new AnswerBody(response.getBody(), doing, engine.failures()));
                    return true;
                  });
      engine.heartbeat().await(doing, reading);
    } catch (InterruptedException e) {
      throw Requests.interrupted(doing, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException io) {
        throw io;
      }
      if (cause instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw engine.failures().translate(doing, e);
    }
  }

  void logs(String id, LogRequest request, Consumer<String> lines) {
    String doing = "cannot read the log of container " + Names.shortId(id);
    LogContainerCmd command =
        engine
            .client()
            .logContainerCmd(id)
            .withStdOut(true)
            .withStdErr(true)
            .withFollowStream(request.follow());
    request.tail().ifPresentOrElse(command::withTail, command::withTailAll);
    request.since().ifPresent(since -> command.withSince(seconds(since)));
    try (CommandStream output = new CommandStream(LineSplitter.output(lines, lines))) {
      command.exec(output);
      engine.heartbeat().await(doing, output);
      output.throwIfBroken(doing, engine.failures());
    } catch (InterruptedException e) {
      if (!request.follow()) {
        throw Requests.interrupted(doing, e);
      }
      Thread.currentThread().interrupt();
    }
  }

  /** Converts a time to docker-java's int. Logs have no later times. */
  private static int seconds(Instant instant) {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, instant.getEpochSecond()));
  }
}
