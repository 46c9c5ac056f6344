/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@link Supervisor} is to run.
 *
 * @param owner all ends at once when this process does; empty when the processes are to stay until
 *     they are stopped
 * @param grace how long an orderly end may last before everything is killed
 * @param removals what is removed when the owner is gone, with all that is below
 * @param daemons what to start
 */
public record SupervisorPlan(
    Optional<ProcessIdentity> owner, Duration grace, List<Path> removals, List<Daemon> daemons) {

  public SupervisorPlan {
    removals = List.copyOf(removals);
    daemons = List.copyOf(daemons);
  }

  /**
   * A process that is to run as long as the cluster does.
   *
   * @param name how it is spoken of; no white space or slash
   * @param command absolute path of the program, and its arguments
   * @param environment all of its environment, but for the mark by which leftovers are known
   * @param directory its working directory
   * @param log where its output is appended
   * @param after names of those that must be ready before it is started
   * @param readiness when it is ready
   */
  public record Daemon(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path directory,
      Path log,
      List<String> after,
      Readiness readiness) {

    public Daemon {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
      after = List.copyOf(after);
    }
  }

  /** When a daemon is ready. */
  public sealed interface Readiness {

    /** When it has been started. */
    record ParallelActions() implements Readiness {}

    /** When a text appears in its log. */
    record LogSays(String text) implements Readiness {}

    /** When something exists; what is left there from before is removed first. */
    record Exists(Path path) implements Readiness {}
  }

  /** The file's content; its format is described at the head of supervisor.c. */
  String text() {
    StringBuilder text = new StringBuilder();
    owner.ifPresent(process -> line(text, "owner", process));
    line(text, "grace", grace.toMillis());
    removals.forEach(path -> line(text, "remove", path));
    for (Daemon daemon : daemons) {
      line(text, "daemon", daemon.name());
      daemon.command().forEach(word -> line(text, "arg", word));
      daemon.environment().forEach((name, value) -> line(text, "env", name + "=" + value));
      line(text, "dir", daemon.directory());
      line(text, "log", daemon.log());
      daemon.after().forEach(name -> line(text, "after", name));
      if (daemon.readiness() instanceof Readiness.LogSays log) {
        line(text, "ready-log", log.text());
      } else if (daemon.readiness() instanceof Readiness.Exists exists) {
        line(text, "ready-path", exists.path());
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String key, Object value) {
    String escaped = value.toString().replace("\\", "\\\\").replace("\n", "\\n");
    text.append(key).append(' ').append(escaped).append('\n');
  }
}
