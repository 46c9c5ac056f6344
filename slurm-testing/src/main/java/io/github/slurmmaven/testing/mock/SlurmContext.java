/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing.mock;

import io.github.slurmmaven.testing.mock.Getopt.Parsed;
import io.github.slurmmaven.testing.mock.Getopt.UsageException;
import io.github.slurmmaven.testing.mock.shell.Call;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What all of Slurm's commands work on. */
record SlurmContext(Jobs jobs, Topology topology, Release release, MockClock clock) {

  /** A command that has its options. */
  @FunctionalInterface
  interface Body {
    int run(Parsed parsed) throws java.io.IOException, Refusal;
  }

  Instant now() {
    return clock.now();
  }

  /**
   * Reads the options, answers {@code --version} and {@code --help}, and says what is wrong with
   * them.
   *
   * @param wrong exit status of a wrong command line
   */
  int run(Call call, boolean stopAtOperand, int wrong, Body body) throws java.io.IOException {
    String command = call.name().substring(call.name().lastIndexOf('/') + 1);
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
      return body.run(parsed);
    } catch (UsageException e) {
      call.complain(String.valueOf(e.getMessage()));
      if (!command.equals("sacct")) {
        call.complain("Try \"%s --help\" for more information".formatted(command));
      }
      return wrong;
    } catch (Refusal refusal) {
      refusal.lines(command).forEach(call::complain);
      return refusal.status();
    }
  }

  /** An option whose answer would be wrong is better refused. */
  void refuseUnmocked(Parsed parsed, String... options) throws Refusal {
    for (String option : options) {
      if (parsed.has(option)) {
        throw Refusal.raw(1, "!--" + option + " is not mocked; see docs/mock.md");
      }
    }
  }

  /** Whether there is such an account. */
  boolean isUser(String name, Call call) {
    return name.equals(call.user()) || Set.of("root", "nobody", "daemon").contains(name);
  }

  /** The nodes that a job has. */
  String nodesOf(MockJob job) {
    int count = Math.min(job.request().nodes(topology), topology.nodeNames().size());
    String wanted = job.request().option("nodelist", "");
    return wanted.isEmpty() ? Hosts.compress(topology.nodeNames().subList(0, count)) : wanted;
  }

  Optional<String> allocated(MockJob job) {
    return job.runs() ? Optional.of(nodesOf(job)) : Optional.empty();
  }
}
