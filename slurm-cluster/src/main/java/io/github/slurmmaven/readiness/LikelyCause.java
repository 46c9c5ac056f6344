/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.slurm.Node;
import io.github.slurmmaven.slurm.NodeState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A usual cause of log lines and of node states.
 *
 * @param sign text that indicates the cause; its first group is shown
 * @param state node states that indicate it
 * @param meaning the cause, and what to do
 * @param lasting whether the cause is certain if the text is repeated often
 */
record LikelyCause(Pattern sign, Predicate<NodeState> state, String meaning, boolean lasting) {

  /**
   * A cause that was found.
   *
   * @param text the cause, what to do, and the source
   * @param node the node of the log; empty for Slurm's state or the engine's
   */
  record Found(String text, Optional<String> node) {}

  /**
   * The number of repetitions of which a problem that passes by itself has fewer during a start.
   */
  private static final int AGAIN_AND_AGAIN = 3;

  private static final Pattern NEVER = Pattern.compile("(?!)");

  /** The more specific ones come first. */
  private static final List<LikelyCause> KNOWN =
      List.of(
          cause(
              "((?:Parse error in file|Parsing error at unrecognized key|Invalid \\S+ in)[^\\n]*)",
              "a line of the configuration is not understood; correct it in config/"),
          cause(
              "(fatal: [^\\n]*(?:slurm\\.conf|gres\\.conf|cgroup\\.conf|plugstack\\.conf)[^\\n]*)",
              "a configuration file is wrong; correct it in config/"),
          lasting(
              "([^\\n]*Munge decode failed: (?:Rewound|Expired) credential[^\\n]*)",
              "the nodes' clocks differ; set them to the same time"),
          lasting(
              "([^\\n]*(?:Munge decode failed|munge_decode)[^\\n]*)",
              "the nodes' Munge keys differ; all need the same secrets/munge.key"),
          cause(
              // slurmd writes this in parts, and another daemon's line may come between.
              "((?:(?:setpriv: )?failed to execute|[^\\n]*slurm-entrypoint: line \\d+: \\S+:"
                  + " (?:command not found|No such file|Permission denied))[^\\n]*)",
              "the node's image lacks a program that the node runs; make the image from the one of"
                  + " this plugin"),
          cause(
              "slurm-entrypoint: (the image has Slurm [^\\n]*)",
              "a node's image has another Slurm than the cluster is for; set slurmVersion to that of"
                  + " the image, or name another image (image)"),
          cause(
              "([^\\n]*count reported lower than configured[^\\n]*)",
              "a node has fewer generic resources than slurm.conf says; make gres.conf agree"),
          cause(
              "([^\\n]*(?:No space left on device|SlurmdSpoolDir is full)[^\\n]*)",
              "the disk that a node writes to is full; make room on it"),
          cause(
              "((?:slurm-entrypoint: )?/\\S+ (?:is missing|is not a readable file)[^\\n]*)",
              "a file that the container needs is not mounted; is the cluster's directory visible"
                  + " to the engine?"),
          cause(
              "([^\\n]*(?:(?:Prolog|Epilog) error|Prolog or job env setup failure)[^\\n]*)",
              "the prolog or epilog that slurm.conf names fails; correct it, then start again"),
          state(
              NodeState::isDrained,
              "a node is drained; 'scontrol update nodename=NAME state=resume' as root puts it back into service"),
          state(
              state -> state.base() == NodeState.Base.UNKNOWN,
              "a node has never registered: no slurmd runs there, or it does not reach slurmctld"),
          cause(
              "slurm-(?:entrypoint|accounting): (mariadbd (?:exited|was killed|ended) [^\\n]*)",
              "the database of Slurm's accounting ended; its messages are in the lines before"),
          cause(
              "slurm-(?:entrypoint|accounting): (slurmdbd (?:exited|was killed|ended) [^\\n]*)",
              "slurmdbd, which keeps Slurm's accounting, ended; its messages are in the lines before"),
          cause("(fatal: [^\\n]*)", "a daemon gave up"));

  private static LikelyCause cause(String sign, String meaning) {
    return new LikelyCause(Pattern.compile(sign), state -> false, meaning, false);
  }

  private static LikelyCause state(Predicate<NodeState> state, String meaning) {
    return new LikelyCause(NEVER, state, meaning, false);
  }

  private static LikelyCause lasting(String sign, String meaning) {
    return new LikelyCause(Pattern.compile(sign), state -> false, meaning, true);
  }

  /** Whether a log repeats a text that shows that waiting does not help. */
  static boolean lasts(String log) {
    return KNOWN.stream()
        .filter(LikelyCause::lasting)
        .anyMatch(known -> known.sign.matcher(log).results().count() >= AGAIN_AND_AGAIN);
  }

  /**
   * Finds the cause.
   *
   * @param nodes the nodes in the backend
   * @param logs the daemons' logs, by node
   * @param known the nodes in Slurm
   */
  static Optional<Found> of(List<BackendNode> nodes, Map<String, String> logs, List<Node> known) {
    for (BackendNode node : nodes) {
      if (node.state() == BackendNode.State.OUT_OF_MEMORY) {
        return Optional.of(
            new Found(
                "the kernel ended node "
                    + node.name()
                    + " for memory; give it more (memoryPerNode)",
                Optional.of(node.name())));
      }
    }
    for (LikelyCause cause : KNOWN) {
      for (Map.Entry<String, String> log : logs.entrySet()) {
        Matcher found = cause.sign.matcher(log.getValue());
        if (found.find()) {
          return Optional.of(
              new Found(
                  cause.meaning + ". Node " + log.getKey() + " says: " + found.group(1).strip(),
                  Optional.of(log.getKey())));
        }
      }
      for (Node node : known) {
        if (cause.state.test(node.state()) || cause.sign.matcher(node.summary()).find()) {
          return Optional.of(
              new Found(cause.meaning + ". Slurm says: " + node.summary(), Optional.empty()));
        }
      }
    }
    return Optional.empty();
  }
}
