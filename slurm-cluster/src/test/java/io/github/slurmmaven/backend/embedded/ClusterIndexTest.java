/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.backend.embedded.ClusterIndex.NodeEntry;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.render.RenderContext;
import io.github.slurmmaven.files.render.RenderTarget;
import io.github.slurmmaven.files.render.RenderedTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIndexTest {

  private final Path directory;
  private final ClusterIndex index;

  ClusterIndexTest(@TempDir Path temporary) {
    directory = temporary.resolve("clusters");
    index = new ClusterIndex(directory);
  }

  private static Entry entry(String name, String directory) {
    return new Entry(
        new ClusterId(name, Path.of(directory)),
        new Owner("build:1:2:host"),
        Instant.parse("2024-05-06T07:08:09Z"),
        List.of(new NodeEntry("head", Role.CONTROLLER), new NodeEntry("n-1", Role.COMPUTE)),
        new Allocation.Processes(2222, 17_000, 18_000, 6820, Optional.of(Path.of("/tmp/short"))));
  }

  @Test
  void givesBackWhatWasPut() {
    Entry one = entry("one", "/a b/ünï\\ = #");
    Entry other = entry("one", "/another");

    index.put(one);
    index.put(other);
    index.put(one);

    assertThat(index.get(one.id())).hasValue(one);
    assertThat(index.all()).containsExactlyInAnyOrder(one, other);
    assertThat(index.remove(one.id())).isTrue();
    assertThat(index.remove(one.id())).isFalse();
    assertThat(index.all()).containsExactly(other);
  }

  @Test
  void emptyBeforeTheFirst() {
    assertThat(index.all()).isEmpty();
    assertThat(index.get(entry("one", "/a").id())).isEmpty();
  }

  @Test
  void othersFilesAreNoClusters() throws IOException {
    index.put(entry("one", "/a"));
    Files.writeString(directory.resolve("x.properties"), "directory=/x\n");
    Files.writeString(directory.resolve(".draft123"), "");

    assertThat(index.all()).hasSize(1);
  }

  @Test
  void saysWhenItCannotBeKept() throws IOException {
    Files.writeString(directory, "in the way");

    assertThatThrownBy(() -> index.put(entry("one", "/a")))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("XDG_CACHE_HOME");
  }

  @Test
  void portsAreTheOnesOfTheRenderedFiles() throws IOException {
    Path definition =
        Files.writeString(
            directory.resolveSibling("definition.yaml"),
            """
            nodes:
              - {name: b, role: compute, cpus: 1, memory: 500}
              - {name: a, role: all-in-one, cpus: 1, memory: 500}
              - {name: c, role: compute, cpus: 1, memory: 500}
            accounting: true
            partitions:
              - {name: p, default: true, nodes: [a, b, c]}
            """);
    ClusterDefinition cluster = new TestParameters().with("definition", definition).toDefinition();
    Path root = Path.of("/c");
    String slurmConf =
        RenderedTexts.of(
                new RenderContext(
                    cluster,
                    root,
                    new RenderTarget.Processes(
                        root, "bob", 22, 17_000, 18_000, 6820, new TreeMap<>())))
            .get("config/slurm.conf");
    Entry entry =
        new Entry(
            new ClusterId("c", root),
            Owner.byHand(),
            Instant.EPOCH,
            NodeEntry.of(cluster),
            new Allocation.Processes(22, 17_000, 18_000, 6820, Optional.empty()));

    assertThat(entry.ports())
        .containsExactly(
            Map.entry("sshd", 22),
            Map.entry("slurmctld", 17_000),
            Map.entry("slurmdbd", 18_000),
            Map.entry("slurmrestd", 6820),
            Map.entry("slurmd-b", 17_001),
            Map.entry("slurmd-a", 17_002),
            Map.entry("slurmd-c", 17_003));
    assertThat(slurmConf)
        .contains(
            "SlurmctldPort=17000\n",
            "AccountingStoragePort=18000\n",
            "NodeName=a NodeAddr=127.0.0.1 Port=17002 ",
            "NodeName=b NodeAddr=127.0.0.1 Port=17001 ",
            "NodeName=c NodeAddr=127.0.0.1 Port=17003 ");
  }

  @Test
  void knowsWhenADaemonMoves() {
    Entry one = entry("one", "/a");
    List<NodeEntry> fewer = one.nodes().subList(0, 1);
    List<NodeEntry> before = List.of(new NodeEntry("new", Role.COMPUTE), one.nodes().get(1));

    assertThat(one.moves(one)).isFalse();
    assertThat(with(one, fewer).moves(one)).isFalse();
    assertThat(one.moves(with(one, fewer))).isFalse();
    assertThat(with(one, before).moves(one)).isTrue();
  }

  private static Entry with(Entry entry, List<NodeEntry> nodes) {
    return new Entry(entry.id(), entry.owner(), entry.createdAt(), nodes, entry.choice());
  }
}
