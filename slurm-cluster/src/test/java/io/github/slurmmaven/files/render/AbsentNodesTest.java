/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that Slurm knows by their names, and nobody runs; and what nodes claim to have. */
class AbsentNodesTest {

  @TempDir private Path directory;

  private ClusterDefinition read(String nodes, String partition) throws IOException {
    return ClusterYaml.read(
        Files.writeString(
            directory.resolve("cluster.yaml"),
            """
            name: twin
            nodes:
              - {name: head, role: controller, cpus: 2, memory: 1024}
            %s
            partitions:
              - {name: Batch.q, default: true, %s}
            """
                .formatted(nodes.indent(2), partition)));
  }

  private Map<String, String> render(ClusterDefinition definition) {
    return RenderedTexts.of(
        new RenderContext(
            definition,
            directory,
            new RenderTarget.Processes(
                directory, "user", 2222, 7000, 7100, 7200, new TreeMap<>())));
  }

  @Test
  void areKnownToSlurmAndDown() throws IOException {
    ClusterDefinition definition =
        read(
            """
            - {name: "Cn_[1-2]", role: compute, cpus: 4, memory: 1024}
            - {name: "Cn_[3-5000]", role: absent, cpus: 4, memory: 1024, options: {Weight: "2"}}
            """,
            "nodes: [\"Cn_[1-5000]\"]");

    assertThat(definition.nodes()).hasSize(3);
    assertThat(definition.absentNodes()).hasSize(1);
    assertThat(definition.partitions().get(0).nodes())
        .containsExactly("Cn_1", "Cn_2", "Cn_[3-5000]");
    assertThat(render(definition).get("config/slurm.conf").lines())
        .contains(
            "NodeName=Cn_2 NodeAddr=127.0.0.1 Port=7002 CPUs=4 RealMemory=1024 State=UNKNOWN",
            "NodeName=Cn_[3-5000] NodeAddr=127.255.255.255 Port=1 CPUs=4 RealMemory=1024 Weight=2"
                + " State=DOWN Reason=absent")
        .anyMatch(line -> line.startsWith("PartitionName=Batch.q Nodes=Cn_1,Cn_2,Cn_[3-5000] "));
  }

  @Test
  void comeBackAsTheyWereWritten() throws IOException {
    ClusterDefinition definition =
        read(
            """
            - {name: n1, role: compute, cpus: 4, memory: 1024, gpus: 2}
            - {name: "n[2-9]", role: absent, cpus: 4, memory: 1024, gpus: {a100: 4}}
            """,
            "nodes: [\"n[1-9]\"]");
    Path written = directory.resolve("written.yaml");
    Files.writeString(written, ClusterYaml.write(definition));

    assertThat(ClusterYaml.read(written)).isEqualTo(definition);
  }

  @Test
  void areInAPartitionTogether() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(
            () ->
                read(
                    """
                    - {name: n1, role: compute, cpus: 4, memory: 1024}
                    - {name: "n[2-9]", role: absent, cpus: 4, memory: 1024}
                    """,
                    "nodes: [\"n[1-5]\"]"))
        .withMessageContaining(
            "'n[2-9]' is one entry of absent nodes, and the partition names only some of them");
  }

  @Test
  void gpusMayHaveNoTypeAndOtherResourcesAreCounted() throws IOException {
    Map<String, String> files =
        render(
            read(
                """
                - {name: n1, role: compute, cpus: 4, memory: 1024, gpus: 2}
                - {name: n2, role: compute, cpus: 4, memory: 1024, gpus: {a100: 1}, options: {Gres: "gpu:a100:1,nvme:fast:2"}}
                """,
                "nodes: [n1, n2]"));

    assertThat(files.get("config/slurm.conf"))
        .contains("GresTypes=gpu,nvme", " Gres=gpu:2 ", " Gres=gpu:a100:1,nvme:fast:2 ");
    assertThat(files.get("config/gres.conf").lines())
        .contains(
            "NodeName=n1 Name=gpu File=%s/gpu/fakegpu[0-1]".formatted(directory),
            "NodeName=n2 Name=gpu Type=a100 File=%s/gpu/fakegpu0".formatted(directory),
            "NodeName=n2 Name=nvme Type=fast Count=2");
  }

  @Test
  void aPartitionHasItsOwnStateAndMemory() throws IOException {
    String nodes = "- {name: n1, role: compute, cpus: 4, memory: 1024}";

    assertThat(
            render(read(nodes, "nodes: [n1], options: {State: DOWN, DefMemPerNode: \"0\"}"))
                .get("config/slurm.conf"))
        .contains("MaxTime=UNLIMITED State=DOWN DefMemPerNode=0\n");
    assertThat(render(read(nodes, "nodes: [n1]")).get("config/slurm.conf"))
        .contains("MaxTime=UNLIMITED DefMemPerCPU=256 State=UP\n");
  }
}
