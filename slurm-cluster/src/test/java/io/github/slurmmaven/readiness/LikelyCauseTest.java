/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.BackendNode.State;
import io.github.slurmmaven.slurm.Node;
import io.github.slurmmaven.slurm.NodeReader;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LikelyCauseTest {

  private static final List<BackendNode> RUNNING =
      List.of(new BackendNode("n1", "compute", true, "running"));

  private static List<Node> slurm(String state, String reason) {
    return NodeReader.read(
        "NodeName=n0 State=IDLE CfgTRES=cpu=4\nNodeName=n1 State=%s CfgTRES=cpu=4 AllocTRES=  Reason=%s"
            .formatted(state, reason));
  }

  static Stream<Arguments> logs() {
    return Stream.of(
        Arguments.of(
            "slurmctld: error: Parsing error at unrecognized key: CPUx",
            "a line of the configuration is not understood; correct it in config/",
            "Parsing error at unrecognized key: CPUx"),
        Arguments.of(
            "error: Parse error in file /etc/slurm/slurm.conf line 47: \"Gibberish\"\n"
                + "slurmctld: fatal: Unable to process configuration file",
            "a line of the configuration is not understood",
            "Parse error in file /etc/slurm/slurm.conf line 47: \"Gibberish\""),
        Arguments.of(
            "slurmctld: fatal: Unable to process slurm.conf file",
            "a configuration file is wrong",
            "fatal: Unable to process slurm.conf file"),
        Arguments.of(
            "error: Munge decode failed: Invalid credential",
            "the nodes' Munge keys differ",
            "Munge decode failed"),
        Arguments.of(
            "error: Munge decode failed: Rewound credential",
            "the nodes' clocks differ",
            "Rewound credential"),
        Arguments.of(
            "slurm-entrypoint: the image has Slurm 26.05.5, and the cluster is for Slurm 24.11",
            "a node's image has another Slurm than the cluster is for; set slurmVersion",
            "the image has Slurm 26.05.5, and the cluster is for Slurm 24.11"),
        Arguments.of(
            "setpriv: failed to execute slurmd: No such file or directory",
            "the node's image lacks a program",
            "slurmd"),
        Arguments.of(
            "setpriv: Connection closed by 198.19.249.1\nfailed to execute slurmd: Permission denied",
            "the node's image lacks a program",
            "slurmd"),
        Arguments.of(
            "/usr/local/bin/slurm-entrypoint: line 109: slurmctld: command not found",
            "the node's image lacks a program",
            "slurmctld: command not found"),
        Arguments.of(
            "error: gres/gpu: count reported lower than configured (0 < 4)",
            "a node has fewer generic resources than slurm.conf says",
            "(0 < 4)"),
        Arguments.of(
            "slurmctld: error: validate_node_specs: Prolog or job env setup failure on node n1,"
                + " draining the node",
            "the prolog or epilog that slurm.conf names fails; correct it",
            "Prolog or job env setup failure"),
        Arguments.of(
            "slurmctld: error: write: No space left on device",
            "the disk that a node writes to is full",
            "No space left on device"),
        Arguments.of(
            "slurm-entrypoint: /etc/slurm/slurm.conf is missing: is /etc/slurm mounted?",
            "visible to the engine?",
            "/etc/slurm/slurm.conf is missing"),
        Arguments.of(
            "slurmd: fatal: Unable to determine this slurmd's NodeName",
            "a daemon gave up",
            "Unable to determine this slurmd's NodeName"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("logs")
  void isReadFromTheLogOfANode(String log, String meaning, String words) {
    assertThat(LikelyCause.of(RUNNING, Map.of("n1", "all is well\n" + log + "\nmore\n"), List.of()))
        .hasValueSatisfying(
            cause -> assertThat(cause.text()).contains(meaning, "Node n1 says: ", words));
  }

  @Test
  void isReadFromWhatSlurmSays() {
    assertThat(
            LikelyCause.of(
                RUNNING,
                Map.of("n1", ""),
                slurm("IDLE+INVALID_REG", "gres/gpu count reported lower than configured (0 < 4)")))
        .hasValueSatisfying(
            cause ->
                assertThat(cause.text())
                    .contains("fewer generic resources", "Slurm says: n1  inval  gres/gpu count"));
  }

  @Test
  void nodeThatNeverRegisteredIsNamed() {
    assertThat(LikelyCause.of(RUNNING, Map.of(), slurm("UNKNOWN+NOT_RESPONDING", "none")))
        .hasValueSatisfying(
            cause ->
                assertThat(cause.text())
                    .contains("a node has never registered", "Slurm says: n1  unknown*  none"));
  }

  @Test
  void drainedNodeIsNamedWithItsReason() {
    assertThat(
            LikelyCause.of(
                RUNNING,
                Map.of("n1", "nodes drained by hand come back with resume\n"),
                slurm("MIXED+DRAIN", "disk is full")))
        .hasValueSatisfying(
            cause ->
                assertThat(cause.text())
                    .contains("a node is drained", "Slurm says: n1  draining  disk is full"));
  }

  @Test
  void onlyARepeatedMessageLasts() {
    String refused = "error: Munge decode failed: Invalid credential\n";

    assertThat(LikelyCause.lasts(refused.repeat(2))).isFalse();
    assertThat(LikelyCause.lasts(refused.repeat(3))).isTrue();
    assertThat(LikelyCause.lasts("error: No space left on device\n".repeat(9))).isFalse();
  }

  @Test
  void specificGoesBeforeGeneral() {
    assertThat(
            LikelyCause.of(
                RUNNING,
                Map.of("n1", "fatal: something\n", "n2", "write error: No space left on device\n"),
                List.of()))
        .hasValueSatisfying(
            cause -> assertThat(cause.text()).contains("the disk that a node", "Node n2"));
  }

  @Test
  void kernelThatEndedANodeForMemoryGoesFirst() {
    assertThat(
            LikelyCause.of(
                List.of(
                    new BackendNode("n1", "compute", true, "running"),
                    new BackendNode("n2", "compute", State.OUT_OF_MEMORY, "exited with code 137")),
                Map.of("n1", "fatal: something\n"),
                List.of()))
        .hasValueSatisfying(cause -> assertThat(cause.text()).contains("node n2", "memoryPerNode"));
  }

  @Test
  void findsNothingInOtherLogs() {
    assertThat(
            LikelyCause.of(
                RUNNING,
                Map.of("n1", "slurmctld: Running as primary controller\n"),
                slurm("IDLE", "(null)")))
        .isEmpty();
  }
}
