/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

record SupervisorState(
    ProcessIdentity supervisor,
    Phase phase,
    List<DaemonState> daemons,
    Map<String, String> answers) {
  enum Phase {
    STARTING,
    RUNNING,
    STOPPING,
    STOPPED
  }

  record DaemonState(
      String name, Condition condition, ProcessIdentity process, Instant since, String detail) {
    enum Condition {
      WAITING,
      STARTING,
      READY,
      EXITED,
      KILLED,
      FAILED
    }

    boolean hasEnded() {
      return condition.compareTo(Condition.READY) > 0;
    }

    String description() {
      return switch (condition) {
        case EXITED -> "exited with status " + detail;
        case KILLED -> "was killed by signal " + detail;
        case FAILED -> "could not be started: " + detail;
        default -> condition.name();
      };
    }
  }

  Optional<DaemonState> daemon(String name) {
    return daemons.stream().filter(daemon -> daemon.name().equals(name)).findFirst();
  }
}
