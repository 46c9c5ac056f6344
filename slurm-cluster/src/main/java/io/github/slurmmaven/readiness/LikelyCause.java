/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What usually stands behind the words that Slurm and its surroundings leave in their logs.
 *
 * @param sign text that gives the cause away; its first group is shown
 * @param meaning the cause in words, and what to do
 */
record LikelyCause(Pattern sign, String meaning) {

  /** The more specific first. */
  private static final List<LikelyCause> KNOWN =
      List.of(
          cause(
              "((?:Parse error in file|Parsing error at unrecognized key|Invalid \\S+ in)[^\\n]*)",
              "a line of the configuration is not understood; correct it in config/"),
          cause(
              "(fatal: [^\\n]*(?:slurm\\.conf|gres\\.conf|cgroup\\.conf|plugstack\\.conf)[^\\n]*)",
              "a configuration file is wrong; correct it in config/"),
          cause(
              "([^\\n]*(?:Invalid credential|Munge decode failed|munge_decode)[^\\n]*)",
              "the nodes' Munge keys or clocks differ"),
          cause(
              "([^\\n]*count reported lower than configured[^\\n]*)",
              "a node has fewer generic resources than slurm.conf says; make gres.conf agree"),
          cause("([^\\n]*No space left on device[^\\n]*)", "the engine's disk is full"),
          cause(
              "((?:slurm-entrypoint: )?/\\S+ (?:is missing|is not a readable file)[^\\n]*)",
              "a file that the container needs is not mounted; is the cluster's directory visible"
                  + " to the engine?"),
          cause(
              "([^\\n]* drain(?:ed|ing)?\\*? [^\\n]*)",
              "a node is drained; 'scontrol update nodename=NAME state=resume' as root takes it"
                  + " back"),
          cause("(fatal: [^\\n]*)", "a daemon gave up"));

  private static LikelyCause cause(String sign, String meaning) {
    return new LikelyCause(Pattern.compile(sign), meaning);
  }

  static Optional<String> of(List<NodeStatus> nodes, Map<String, String> logs, String slurmStates) {
    for (NodeStatus node : nodes) {
      if (node.detail().contains("out of memory")) {
        return Optional.of(
            "the kernel ended node " + node.name() + " for memory; give it more (memoryPerNode)");
      }
    }
    for (LikelyCause known : KNOWN) {
      for (Map.Entry<String, String> log : logs.entrySet()) {
        Matcher found = known.sign.matcher(log.getValue());
        if (found.find()) {
          return Optional.of(
              known.meaning + ". Node " + log.getKey() + " says: " + found.group(1).strip());
        }
      }
      Matcher found = known.sign.matcher(slurmStates);
      if (found.find()) {
        return Optional.of(known.meaning + ". Slurm says: " + found.group(1).strip());
      }
    }
    return Optional.empty();
  }
}
