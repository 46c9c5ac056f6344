/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The daemons that a {@link Supervisor} runs, and when they end.
 *
 * @param owner the process whose end kills all daemons at once; empty if they run until they are
 *     stopped
 * @param grace how long daemons may take to end before they are killed
 * @param removals files and directories to remove when the owner is gone
 * @param daemons the daemons to start
 */
public record SupervisorPlan(
    Optional<ProcessIdentity> owner, Duration grace, List<Path> removals, List<Daemon> daemons) {

  public SupervisorPlan {
    removals = List.copyOf(removals);
    daemons = List.copyOf(daemons);
  }

  /**
   * A process that runs as long as the cluster does.
   *
   * @param name its name, without white space or slash
   * @param command absolute path of the program, and its arguments
   * @param environment its whole environment, except the variable that marks leftover processes
   * @param directory its working directory
   * @param log file to which its output is appended
   * @param after names of daemons that must be ready before it is started
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
    record Started() implements Readiness {}

    /** When a text appears in its log. */
    record LogSays(String text) implements Readiness {}

    /** When a file exists; an old one is removed before the start. */
    record Exists(Path path) implements Readiness {}
  }

  /**
   * Returns the content of the plan's file, whose format is described at the head of supervisor.c.
   */
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
