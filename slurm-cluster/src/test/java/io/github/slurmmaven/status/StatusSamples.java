/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.slurm.Answers;
import io.github.slurmmaven.slurm.Node;
import io.github.slurmmaven.slurm.NodeReader;
import io.github.slurmmaven.slurm.Partition;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.slurm.Snapshot;
import io.github.slurmmaven.status.ClusterStatus.Reach;
import io.github.slurmmaven.status.ClusterStatus.Registry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Clusters in every condition, by the name of their golden files. */
final class StatusSamples {

  static final Instant NOW = Instant.parse("2026-03-01T14:15:30Z");
  private static final Instant STARTED = Instant.parse("2026-03-01T12:00:00Z");
  private static final Path DIRECTORY = Path.of("/project/.slurm-cluster/slurm-test");

  private StatusSamples() {}

  static Map<String, ClusterStatus> all() {
    Map<String, ClusterStatus> samples = new LinkedHashMap<>();
    samples.put("single", single());
    samples.put("full", full());
    samples.put("drained", drained());
    samples.put("dead-node", deadNode());
    samples.put("missing-node", missingNode());
    samples.put("no-answer", noAnswer());
    samples.put("dead-controller", deadController());
    samples.put("starting", starting());
    samples.put("stopped", stopped());
    samples.put("created", created());
    samples.put("directory-gone", directoryGone());
    return samples;
  }

  /** One node with simulated GPUs and jobs, by real Slurm. */
  private static ClusterStatus single() {
    return running("gpu").slurm(gpuJobs()).build(NOW);
  }

  /** Nodes with and without GPUs, a registry; nothing to complain of. */
  private static ClusterStatus full() {
    ClusterDefinition definition = definition("full");
    List<BackendNode> nodes = new ArrayList<>(nodes("full", "", ""));
    nodes.add(new BackendNode("registry", "registry", true, "running"));
    return running("full")
        .nodes(nodes)
        .slurm(idle(definition, Map.of()))
        .registry(new Registry("localhost:5000", Optional.of("registry:5000")))
        .build(NOW);
  }

  private static ClusterStatus drained() {
    return running("multi-node")
        .slurm(
            idle(
                definition("multi-node"),
                Map.of("compute-1", "State=IDLE+DRAIN Reason=disk full: 100% [root@1772366400]")))
        .build(NOW);
  }

  private static ClusterStatus deadNode() {
    return running("multi-node")
        .nodes(nodes("multi-node", "compute-0", "exited with code 137 (out of memory)"))
        .slurm(
            idle(
                definition("multi-node"),
                Map.of(
                    "compute-0",
                    "State=DOWN+NOT_RESPONDING Reason=Not responding [slurm@1772366400]")))
        .build(NOW);
  }

  private static ClusterStatus missingNode() {
    return running("multi-node")
        .nodes(nodes("multi-node", "", "").subList(0, 2))
        .slurm(idle(definition("multi-node"), Map.of("compute-1", "State=IDLE+NOT_RESPONDING")))
        .build(NOW);
  }

  private static ClusterStatus noAnswer() {
    return running("multi-node").noAnswer("slurmctld does not answer within 3 s").build(NOW);
  }

  private static ClusterStatus deadController() {
    return files("multi-node")
        .nodes(nodes("multi-node", "controller", "exited with code 1"))
        .build(NOW);
  }

  private static ClusterStatus starting() {
    return running("multi-node").starting(true).noAnswer("slurmctld is DOWN").build(NOW);
  }

  private static ClusterStatus stopped() {
    return files("multi-node")
        .nodes(
            definition("multi-node").nodes().stream()
                .map(node -> node(node, false, "exited with code 0"))
                .toList())
        .build(NOW);
  }

  private static ClusterStatus created() {
    return files("cpu").build(NOW);
  }

  /** Another checkout's cluster whose files somebody has deleted. */
  private static ClusterStatus directoryGone() {
    Snapshot slurm = idle(definition("multi-node"), Map.of());
    return ClusterStatus.of("slurm-test")
        .directory(Path.of("/gone/.slurm-cluster/slurm-test"), false)
        .engine("Docker Engine 20.10.24 at unix:///var/run/docker.sock")
        .owner("build:4711:1772366000000:ci-7")
        .startedAt(STARTED)
        .nodes(nodes("multi-node", "", ""))
        .slurm(slurm)
        .build(NOW);
  }

  private static ClusterStatusBuilder files(String preset) {
    return ClusterStatus.of("slurm-test")
        .directory(DIRECTORY, true)
        .engine("Docker Engine 20.10.24 at unix:///var/run/docker.sock")
        .owner("hand")
        .createdAt(STARTED.minusSeconds(90))
        .startedAt(STARTED)
        .definition(definition(preset));
  }

  private static ClusterStatusBuilder running(String preset) {
    return files(preset)
        .nodes(nodes(preset, "", ""))
        .connection(
            new Reach(
                "127.0.0.1",
                2222,
                "slurm",
                true,
                DIRECTORY.resolve("ssh/id_ed25519"),
                DIRECTORY.resolve("ssh/known_hosts"),
                "ssh -F " + DIRECTORY.resolve("ssh/config") + " slurm"));
  }

  private static ClusterDefinition definition(String preset) {
    return ClusterYaml.read(
        Path.of("src/test/resources/golden", preset + "-" + SlurmVersion.DEFAULT, "cluster.yaml"));
  }

  private static List<BackendNode> nodes(String preset, String dead, String detail) {
    return definition(preset).nodes().stream()
        .map(
            node ->
                node.name().equals(dead) ? node(node, false, detail) : node(node, true, "running"))
        .toList();
  }

  private static BackendNode node(NodeDefinition node, boolean running, String detail) {
    return new BackendNode(node.name(), node.role().id(), running, detail);
  }

  private static Snapshot gpuJobs() {
    return new Slurm(
            (user, command, lines, timeout) ->
                new CommandResult(0, Answers.gpuCluster(SlurmVersion.DEFAULT), ""))
        .snapshot();
  }

  /** Slurm's answer for the cluster as defined, but for nodes that are said to be otherwise. */
  private static Snapshot idle(ClusterDefinition definition, Map<String, String> otherwise) {
    List<Node> nodes = new ArrayList<>();
    for (NodeDefinition node : definition.computeNodes()) {
      String odd = otherwise.getOrDefault(node.name(), "State=IDLE");
      nodes.addAll(
          NodeReader.read(
              "NodeName=%s CPUAlloc=0 CPUTot=%d Gres=%s GresUsed=gpu:fake:0 RealMemory=%d AllocMem=0 %s Partitions=%s Version=24.11.5 CfgTRES=cpu=%d AllocTRES= %s"
                  .formatted(
                      node.name(),
                      node.cpus(),
                      node.hasGpus() ? "gpu:fake:" + node.gpus().get("fake") : "(null)",
                      node.memory(),
                      odd.split(" ", 2)[0],
                      String.join(",", node.partitions()),
                      node.cpus(),
                      odd.contains(" ") ? odd.split(" ", 2)[1] : "")));
    }
    return new Snapshot(
        "24.11.5",
        nodes,
        definition.partitions().stream()
            .map(
                partition ->
                    new Partition(
                        partition.name(),
                        partition.isDefault(),
                        "UP",
                        String.join(",", partition.nodes()),
                        partition.nodes().size(),
                        0,
                        partition.maxTime().orElse("UNLIMITED")))
            .toList(),
        List.of());
  }
}
