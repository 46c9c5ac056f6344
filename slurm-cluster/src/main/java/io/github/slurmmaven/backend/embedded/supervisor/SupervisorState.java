/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a {@link Supervisor} and its daemons.
 *
 * @param supervisor its process
 * @param phase its phase
 * @param daemons in the order of the plan
 * @param answers results of the last commands, by their ids
 */
public record SupervisorState(
    ProcessIdentity supervisor,
    Phase phase,
    List<DaemonState> daemons,
    Map<String, String> answers) {

  public SupervisorState {
    daemons = List.copyOf(daemons);
    answers = Map.copyOf(answers);
  }

  /** The phase of a supervisor. */
  public enum Phase {
    /** A daemon was not started yet, or is not ready. */
    STARTING,
    /** Each daemon is ready or has ended. */
    RUNNING,
    STOPPING,
    /** All daemons have ended. */
    STOPPED
  }

  /**
   * The state of a daemon.
   *
   * @param name its name in the plan
   * @param process the present or last process; all zero if there was none
   * @param since time of the last change
   * @param detail exit status, number of the signal, or why it could not be started; otherwise
   *     empty
   */
  public record DaemonState(
      String name, Condition condition, ProcessIdentity process, Instant since, String detail) {

    /** The condition of a daemon. */
    public enum Condition {
      /** Waits for daemons that must be ready before it. */
      WAITING,
      STARTING,
      READY,
      EXITED,
      KILLED,
      FAILED
    }

    /** Whether the daemon has ended or could not be started. */
    public boolean hasEnded() {
      return condition.compareTo(Condition.READY) > 0;
    }

    /** Returns words for a message, to follow the daemon's name. */
    String description() {
      return switch (condition) {
        case WAITING -> "waits for others to be ready";
        case STARTING -> "is not ready yet";
        case READY -> "is ready";
        case EXITED -> "has exited with status " + detail;
        case KILLED -> "was killed by signal " + detail;
        case FAILED -> "could not be started: " + detail;
      };
    }
  }

  public Optional<DaemonState> daemon(String name) {
    return daemons.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /** Reads the content of the state file; empty if it is truncated or empty. */
  static Optional<SupervisorState> read(String text) {
    try {
      return Optional.of(parse(text)).filter(state -> state.supervisor().pid() != 0);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  /** Reads the content of the state file, whose format is described at the head of supervisor.c. */
  static SupervisorState parse(String text) {
    ProcessIdentity supervisor = new ProcessIdentity(0, 0);
    Phase phase = Phase.STARTING;
    List<DaemonState> daemons = new ArrayList<>();
    Map<String, String> answers = new HashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", 7);
      switch (words[0]) {
        case "supervisor" -> {
          supervisor = process(words[1], words[2]);
          phase = Phase.valueOf(words[3].toUpperCase(Locale.ROOT));
        }
        case "daemon" ->
            daemons.add(
                new DaemonState(
                    words[1],
                    DaemonState.Condition.valueOf(words[2].toUpperCase(Locale.ROOT)),
                    process(words[3], words[4]),
                    Instant.ofEpochMilli(Long.parseLong(words[5])),
                    words.length > 6 ? words[6] : ""));
        case "answer" ->
            answers.put(words[1], line.substring(line.indexOf(words[1]) + words[1].length() + 1));
        default ->
            throw new IllegalArgumentException("unknown line in a supervisor's state: " + line);
      }
    }
    return new SupervisorState(supervisor, phase, daemons, answers);
  }

  private static ProcessIdentity process(String pid, String start) {
    return new ProcessIdentity(Long.parseLong(pid), Long.parseLong(start));
  }
}
