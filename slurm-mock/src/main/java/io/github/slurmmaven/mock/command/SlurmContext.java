/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.mock.command.Getopt.Parsed;
import io.github.slurmmaven.mock.command.Getopt.UsageException;
import io.github.slurmmaven.mock.job.ClusterClock;
import io.github.slurmmaven.mock.job.HostList;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.Jobs;
import io.github.slurmmaven.mock.job.Refusal;
import io.github.slurmmaven.mock.job.Release;
import io.github.slurmmaven.mock.job.Topology;
import io.github.slurmmaven.mock.shell.Call;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The state that all of Slurm's commands share. */
public record SlurmContext(
    Jobs jobs,
    Topology topology,
    Release release,
    ClusterClock clock,
    KnownToSlurm known,
    Consumer<String> limits) {

  /** A command that has its options. */
  @FunctionalInterface
  interface Body {
    int run(Parsed parsed) throws java.io.IOException, Refusal;
  }

  Instant now() {
    return clock.now();
  }

  /**
   * Reads the options, handles {@code --version} and {@code --help}, and reports mistakes in them.
   *
   * @param wrong exit status of a wrong command line
   */
  int run(Call call, boolean stopAtOperand, int wrong, Body body) throws java.io.IOException {
    String command = command(call);
    try {
      Parsed parsed = Getopt.of(command, release).parse(call.arguments(), stopAtOperand);
      if (parsed.has("version")) {
        call.say("slurm-wlm " + release.version());
        return 0;
      }
      if (parsed.has("help") || parsed.has("usage")) {
        call.say("Usage: %s [OPTIONS...]".formatted(command));
        return 0;
      }
      refuseUnmocked(command, parsed);
      return body.run(parsed);
    } catch (UsageException e) {
      call.complain(String.valueOf(e.getMessage()));
      if (!command.equals("sacct")) {
        call.complain("Try \"%s --help\" for more information".formatted(command));
      }
      return wrong;
    } catch (Refusal refusal) {
      return refuse(call, refusal);
    }
  }

  /** The name of the command, without its directory. */
  static String command(Call call) {
    return call.name().substring(call.name().lastIndexOf('/') + 1);
  }

  /** Prints a refusal, and returns its exit status. */
  int refuse(Call call, Refusal refusal) {
    refusal.lines(command(call)).forEach(call::complain);
    return refusal.status();
  }

  /** Reports a limit of the mock to the client and to the test. */
  Refusal notMocked(String what) {
    limits.accept(what);
    return Refusal.raw(1, "!" + what + " is not mocked; see docs/mock.md");
  }

  /** Refuses the options whose answer would be wrong. */
  private void refuseUnmocked(String command, Parsed parsed) throws Refusal {
    for (Getopt.Option option : parsed.options()) {
      if (known.knows(command, "option", option.name())) {
        throw notMocked("--" + option.name());
      }
    }
  }

  /**
   * Refuses the columns of a table that Slurm supports and the mock does not.
   *
   * @param kind of the columns: letter or field
   */
  void refuseUnmocked(String command, String kind, List<String> unknown) throws Refusal {
    for (String name : unknown) {
      if (known.knows(command, kind, name.strip())) {
        throw notMocked(kind.equals("letter") ? "%" + name : "the column " + name);
      }
    }
  }

  /** Whether there is such an account. */
  boolean isUser(String name, Call call) {
    return name.equals(call.user()) || Set.of("root", "nobody", "daemon").contains(name);
  }

  /** The nodes that a job has. */
  String nodesOf(JobRecord job) {
    int count = Math.min(job.request().nodes(topology), topology.nodeNames().size());
    String wanted = job.request().option("nodelist", "");
    return wanted.isEmpty() ? HostList.compress(topology.nodeNames().subList(0, count)) : wanted;
  }

  Optional<String> allocated(JobRecord job) {
    return job.runs() ? Optional.of(nodesOf(job)) : Optional.empty();
  }
}
