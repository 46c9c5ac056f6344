/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

record SupervisorPlan(
    Optional<ProcessIdentity> owner, Duration grace, List<Path> removals, List<Daemon> daemons) {
  record Daemon(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path directory,
      Path log,
      List<String> after,
      Readiness readiness) {}

  sealed interface Readiness {
    record AtOnce() implements Readiness {}

    record LogSays(String text) implements Readiness {}

    record Exists(Path path) implements Readiness {}
  }

  String text() {
    StringBuilder text = new StringBuilder();
    owner.ifPresent(o -> line(text, "owner", o.pid() + " " + o.start()));
    line(text, "grace", Long.toString(grace.toMillis()));
    removals.forEach(path -> line(text, "remove", path.toString()));
    for (Daemon daemon : daemons) {
      line(text, "daemon", daemon.name());
      daemon.command().forEach(word -> line(text, "arg", word));
      daemon.environment().forEach((name, value) -> line(text, "env", name + "=" + value));
      line(text, "dir", daemon.directory().toString());
      line(text, "log", daemon.log().toString());
      daemon.after().forEach(other -> line(text, "after", other));
      if (daemon.readiness() instanceof Readiness.LogSays says) {
        line(text, "ready-log", says.text());
      } else if (daemon.readiness() instanceof Readiness.Exists exists) {
        line(text, "ready-path", exists.path().toString());
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key)
        .append(' ')
        .append(value.replace("\\", "\\\\").replace("\n", "\\n"))
        .append('\n');
  }
}
