/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes and partitions that a real cluster showed. */
class NodeReaderTest {

  @ParameterizedTest
  @Releases.All
  void readsWhatIsInUse(SlurmVersion version) {
    Node node = NodeReader.read(Answers.gpuCluster(version)).get(0);

    assertThat(node.name()).isEqualTo("slurm");
    assertThat(node.state().isWell()).isTrue();
    assertThat(node.cpus()).isEqualTo(4);
    assertThat(node.cpusAllocated()).isEqualTo(4);
    assertThat(node.memory()).isEqualTo(8192);
    assertThat(node.memoryAllocated()).isEqualTo(400);
    assertThat(node.gpus()).isEqualTo(Map.of("fake", 2));
    assertThat(node.gpusAllocated()).isEqualTo(Map.of("fake", 1));
    assertThat(node.partitions()).containsExactly("debug", "gpu");
    assertThat(node.version().orElseThrow()).startsWith(version.release() + ".");
  }

  @ParameterizedTest
  @Releases.All
  void readsWhyNodesWereTakenOut(SlurmVersion version) {
    List<Node> nodes = NodeReader.read(Answers.unwellNodes(version));

    assertThat(nodes)
        .extracting(node -> node.name() + " " + node.state() + " " + node.state().isWell())
        .containsExactly(
            "compute-0 drained false",
            "compute-1 draining false",
            "compute-2 idle true",
            "compute-3 down false");
    Node.Reason reason = nodes.get(0).reason().orElseThrow();
    assertThat(reason.text()).isEqualTo("disk full: /home = 100% [see log], State=IDLE");
    assertThat(reason.user()).contains("root");
    assertThat(reason.since().orElseThrow()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
    assertThat(nodes.get(1).reason().map(Node.Reason::text)).contains("later");
    assertThat(nodes.get(3).reason().map(Node.Reason::text)).contains("gone");
    assertThat(nodes.get(0).gpus()).isEmpty();
  }

  @Test
  void readsANodeThatNeverCame() {
    Node node =
        NodeReader.read(
                """
                NodeName=n1 CoresPerSocket=1  CPUAlloc=0 CPUEfctv=4 CPUTot=4 CPULoad=N/A \
                AvailableFeatures=(null) ActiveFeatures=(null) \
                Gres=gpu:4090:2(S:0),gpu:1,shard:8 GresDrain=N/A \
                GresUsed=gpu:4090:1(IDX:0,3),gpu:0(IDX:N/A),shard:0 NodeAddr=n1 NodeHostName=n1 \
                RealMemory=4096 AllocMem=0 FreeMem=N/A Sockets=4 Boards=1 \
                State=UNKNOWN+NOT_RESPONDING ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A \
                MCS_label=N/A BootTime=None SlurmdStartTime=None LastBusyTime=1795182311 \
                CfgTRES=cpu=4,mem=4G,billing=4 AllocTRES= CurrentWatts=0 AveWatts=0
                """)
            .get(0);

    assertThat(node.state()).hasToString("unknown*");
    assertThat(node.version()).isEmpty();
    assertThat(node.partitions()).isEmpty();
    assertThat(node.reason()).isEmpty();
    assertThat(node.gpus()).isEqualTo(Map.of("4090", 2, "gpu", 1));
    assertThat(node.gpusAllocated()).isEqualTo(Map.of("4090", 1));
  }

  @ParameterizedTest
  @CsvSource({
    "IDLE, idle, true",
    "MIXED, mixed, true",
    "ALLOCATED, allocated, true",
    "IDLE+COMPLETING, completing, true",
    "IDLE+PLANNED, planned, true",
    "IDLE+RESERVED, reserved, true",
    "MIXED+CLOUD, mixed, true",
    "IDLE+DRAIN, drained, false",
    "MIXED+DRAIN, draining, false",
    "ALLOCATED+DRAIN, draining, false",
    "IDLE+COMPLETING+DRAIN, draining, false",
    "DOWN+DRAIN, drained, false",
    "DOWN, down, false",
    "DOWN+NOT_RESPONDING, down*, false",
    "DOWN*, down*, false",
    "IDLE+NOT_RESPONDING, idle*, false",
    "IDLE+DRAIN+INVALID_REG, inval, false",
    "INVAL, inval, false",
    "IDLE+MAINTENANCE, maint, false",
    "IDLE+FAIL, fail, false",
    "MIXED+FAIL, failing, false",
    "IDLE+POWERED_DOWN, idle, false",
    "FUTURE, future, false",
    "UNKNOWN, unknown, false",
    "SOMETHING_NEW, unknown, false"
  })
  void hasSinfosWordForAState(String state, String word, boolean well) {
    assertThat(NodeState.of(state)).hasToString(word);
    assertThat(NodeState.of(state).isWell()).isEqualTo(well);
    assertThat(state.matches(NodeState.wellPattern())).isEqualTo(well);
    assertThat(NodeState.of(state.toLowerCase(Locale.ROOT))).isEqualTo(NodeState.of(state));
  }

  @ParameterizedTest
  @CsvSource({
    "IDLE, true, false",
    "IDLE+DRAIN, true, true",
    "MIXED+FAIL, true, true",
    "IDLE+NOT_RESPONDING, false, false",
    "DOWN, false, true",
    "UNKNOWN, false, false",
    "IDLE+INVALID_REG, false, false"
  })
  void saysWhetherANodeAnswersAndWhetherItWasTakenOut(String text, boolean up, boolean out) {
    NodeState state = NodeState.of(text);

    assertThat(state.isUp()).isEqualTo(up);
    assertThat(state.isOut()).isEqualTo(out);
  }

  @ParameterizedTest
  @Releases.All
  void readsPartitions(SlurmVersion version) {
    assertThat(PartitionReader.read(Answers.gpuCluster(version)))
        .containsExactly(
            new Partition("debug", true, "UP", "slurm", 1, 4, "01:00:00"),
            new Partition("gpu", false, "UP", "slurm", 1, 4, "UNLIMITED"));
    assertThat(PartitionReader.read(Answers.multiNodeCluster(version)))
        .singleElement()
        .satisfies(
            partition -> {
              assertThat(partition.nodes()).isEqualTo("compute-[0-3]");
              assertThat(partition.nodeCount()).isEqualTo(4);
              assertThat(partition.cpus()).isEqualTo(16);
            });
  }

  @Test
  void readsAReasonWithoutAUser() {
    assertThat(
            NodeReader.read("NodeName=n State=DOWN CfgTRES=cpu=4 AllocTRES=  Reason=Not responding")
                .get(0)
                .reason())
        .contains(new Node.Reason("Not responding", Optional.empty(), Optional.empty()));
  }
}
