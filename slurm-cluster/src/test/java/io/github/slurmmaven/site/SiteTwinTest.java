/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.PartitionDefinition;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiteTwinTest {

  private static final Path SITES = Path.of("src/test/resources/site");

  /** {@code -Dgolden.update} writes what is made now instead of comparing with it. */
  private static final boolean UPDATE = System.getProperty("golden.update") != null;

  @TempDir private Path directory;

  private SiteTwin twin(String slurmConf) throws IOException {
    return twin(slurmConf, SiteTwin.DEFAULT_NODES);
  }

  private SiteTwin twin(String slurmConf, int most) throws IOException {
    Files.writeString(directory.resolve("slurm.conf"), slurmConf);
    return SiteTwin.of(directory, SlurmVersion.DEFAULT, most, Optional.empty());
  }

  private ClusterDefinition definition(SiteTwin twin) throws IOException {
    Path file = directory.resolve("twin/cluster.yaml");
    twin.write(file, directory.resolve("twin/slurm"), true);
    return ClusterYaml.read(file);
  }

  private static void golden(Path file, String text) throws IOException {
    if (UPDATE) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(file).hasContent(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"centre", "cloud", "gpu", "institute", "old"})
  void makesADefinitionAndAReport(String site) throws IOException {
    SiteTwin twin = SiteTwin.of(SITES.resolve(site), SlurmVersion.DEFAULT, 16, Optional.empty());

    golden(SITES.resolve("golden").resolve(site + ".yaml"), twin.definition());
    golden(SITES.resolve("golden").resolve(site + ".txt"), twin.report().text());
    ClusterDefinition definition = definition(twin);
    assertThat(definition.computeNodes()).hasSize(twin.runningCount());
    assertThat(names(definition)).hasSize(twin.nodeCount()).doesNotHaveDuplicates();
  }

  private static List<String> names(ClusterDefinition definition) {
    return Stream.concat(definition.computeNodes().stream(), definition.absentNodes().stream())
        .map(NodeDefinition::name)
        .flatMap(name -> HostList.expand(name).stream())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"centre", "cloud", "gpu", "institute", "old"})
  void reportsEachParameterThatIsNotInTheDefinition(String site) throws IOException {
    SiteTwin twin = SiteTwin.of(SITES.resolve(site), SlurmVersion.DEFAULT, 16, Optional.empty());

    for (List<Setting> line : SlurmConfReader.read(SITES.resolve(site).resolve("slurm.conf"))) {
      for (Setting setting : line) {
        String text = twin.definition() + twin.report().text();
        assertThat(text.toLowerCase(Locale.ROOT))
            .as("%s of %s", setting.key(), setting.place())
            .containsAnyOf(
                setting.key().toLowerCase(Locale.ROOT),
                setting.is("ClusterName") ? "name: " : "nodes:");
      }
    }
  }

  @Test
  void hasNoSecretAndNoAddressOfTheSite() {
    String texts =
        Stream.of("centre", "cloud", "gpu", "institute", "old")
            .map(
                site ->
                    SiteTwin.of(SITES.resolve(site), SlurmVersion.DEFAULT, 16, Optional.empty()))
            .map(twin -> twin.definition() + twin.report().text())
            .reduce("", String::concat);

    assertThat(texts)
        .doesNotContain(
            "10.20.",
            "192.168",
            "jwt.key",
            "hunter2",
            "aurelia.example",
            "munge",
            "ctl1",
            "kepler0",
            "10.30.",
            "vega.example",
            "hara");
  }

  @Test
  void nodesThatAreAlikeAreRunInTurn() throws IOException {
    ClusterDefinition definition =
        definition(
            twin(
                """
                NodeName=a[1-100] CPUs=4 RealMemory=1000
                NodeName=b[1-2] CPUs=8 RealMemory=1000
                PartitionName=p Nodes=ALL Default=YES
                """,
                6));

    assertThat(definition.computeNodes())
        .extracting(NodeDefinition::name)
        .containsExactly("a1", "a2", "a3", "a4", "b1", "b2");
    assertThat(definition.absentNodes())
        .extracting(NodeDefinition::name)
        .containsExactly("a[5-100]");
    assertThat(definition.partitions().get(0).nodes()).contains("a4", "b2", "a[5-100]");
  }

  /** slurmctld does not start with a weight of a TRES that it does not know. */
  @Test
  void weightsAreOfWhatTheTwinCounts() throws IOException {
    String site =
        """
        PriorityWeightTRES=CPU=1000,Mem=2000,GRES/gpu=3000,license/x=1
        NodeName=a CPUs=4 Gres=gpu:a100:1
        PartitionName=DEFAULT TRESBillingWeights="CPU=1.0, Mem=0.25G,GRES/gpu=16"
        PartitionName=p Nodes=a Default=YES
        PartitionName=q Nodes=a TRESBillingWeights=GRES/gpu=1
        """;

    ClusterDefinition definition = definition(twin(site));

    assertThat(definition.slurmConf()).contains("PriorityWeightTRES=CPU=1000,Mem=2000");
    assertThat(definition.partitions())
        .extracting(partition -> partition.options().get("TRESBillingWeights"))
        .containsExactly("CPU=1.0,Mem=0.25G", null);
    assertThat(twin(site).report().text())
        .contains("Slurm counts GRES only for accounting")
        .contains("no GRES/gpu=3000, license/x=1")
        .contains("no GRES/gpu=16");
    Files.writeString(directory.resolve("assoc.txt"), "Account|User\nphysics|alice\n");
    assertThat(definition(twin(site)).slurmConf())
        .contains("PriorityWeightTRES=CPU=1000,Mem=2000,GRES/gpu=3000");
  }

  @Test
  void whatSlurmHasNoMoreDoesNotKeepItFromStarting() throws IOException {
    ClusterDefinition definition =
        definition(
            twin(
                """
                PreemptType=preempt/partition_prio
                PreemptMode=CHECKPOINT
                SallocDefaultCommand="srun --pty $SHELL"
                NodeName=a CPUs=4
                PartitionName=p Nodes=a Default=YES PreemptMode=checkpoint
                """));

    assertThat(definition.slurmConf())
        .contains("PreemptMode=REQUEUE")
        .noneMatch(line -> line.startsWith("SallocDefaultCommand"));
    assertThat(definition.partitions().get(0).options()).containsEntry("PreemptMode", "REQUEUE");
  }

  @Test
  void quotesInsideOfAValueAreNotKept() throws IOException {
    ClusterDefinition definition =
        definition(
            twin("NodeName=a CPUs=4 Features=Big,\"fast\"\nPartitionName=p Nodes=a Default=YES\n"));

    assertThat(definition.computeNodes().get(0).options()).containsEntry("Feature", "Big,fast");
  }

  @Test
  void aPartitionWithAnEmptyListOfNodesIsReported() throws IOException {
    assertThat(
            twin("NodeName=a CPUs=4\nPartitionName=p Nodes=a\nPartitionName=q Nodes=\"\"\n")
                .report()
                .text())
        .contains("q has no nodes");
  }

  @Test
  void refusesANodeThatNoHostCanBe() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> twin("NodeName=r\u00fcbe CPUs=4\nPartitionName=p Nodes=ALL\n"))
        .withMessageContaining("slurm.conf, line 1, column 1")
        .withMessageContaining("which is not the name of a host");
  }

  @Test
  void refusesSoFewNodesThatAPartitionHasNone() {
    assertThatExceptionOfType(InvalidParameterException.class)
        .isThrownBy(
            () ->
                twin(
                    """
                    NodeName=a,b CPUs=4
                    PartitionName=p Nodes=a Default=YES
                    PartitionName=q Nodes=b
                    """,
                    1))
        .satisfies(
            e ->
                assertThat(e.problem())
                    .isEqualTo("is too small: none of the nodes of partition q would run"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CPUs=4                                           | 4
          Procs=4                                          | 4
          Sockets=2 CoresPerSocket=8 ThreadsPerCore=2      | 32
          Boards=2 SocketsPerBoard=2 CoresPerSocket=4      | 16
          CPUs=64 CoresPerSocket=16 ThreadsPerCore=2       | 64
          CPUs=16 Sockets=2 CoresPerSocket=8 ThreadsPerCore=2 | 16
          CPUs=17 Sockets=2 CoresPerSocket=8               | 16
          RealMemory=500                                   | 1
          """)
  void countsProcessorsAsSlurmDoes(String options, int cpus) throws IOException {
    ClusterDefinition definition =
        definition(twin("NodeName=a " + options + "\nPartitionName=p Nodes=a Default=YES\n"));

    assertThat(definition.computeNodes().get(0).cpus()).isEqualTo(cpus);
  }

  @Test
  void laterDefaultsCountForLaterLines() throws IOException {
    ClusterDefinition definition =
        definition(
            twin(
                """
                NodeName=DEFAULT CPUs=4 Weight=1
                NodeName=a
                NodeName=DEFAULT CPUs=8
                NodeName=b
                PartitionName=DEFAULT MaxTime=60
                PartitionName=p Nodes=a Default=YES
                PartitionName=DEFAULT MaxNodes=2
                PartitionName=q Nodes=b MaxTime=30
                """));

    assertThat(definition.computeNodes()).extracting(NodeDefinition::cpus).containsExactly(4, 8);
    assertThat(definition.computeNodes().get(1).options()).containsEntry("Weight", "1");
    assertThat(definition.partitions().get(0).maxTime()).contains("60");
    assertThat(definition.partitions().get(0).options()).doesNotContainKey("MaxNodes");
    assertThat(definition.partitions().get(1).maxTime()).contains("30");
    assertThat(definition.partitions().get(1).options()).containsEntry("MaxNodes", "2");
  }

  @Test
  void theLastDefaultPartitionCounts() throws IOException {
    ClusterDefinition definition =
        definition(
            twin(
                """
                NodeName=a
                PartitionName=p Nodes=a Default=YES
                PartitionName=q Nodes=a Default=yes
                """));

    assertThat(definition.defaultPartition()).extracting(PartitionDefinition::name).isEqualTo("q");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          NodeName=a CPUs=four                     | slurm.conf, line 1, column 12: 'CPUs=four' is not a whole number
          NodeName=a[1-                            | slurm.conf, line 1, column 1: 'NodeName=a[1-'
          NodeName=a Gres=gpu::4:5:6               | slurm.conf, line 1, column 12: 'Gres=gpu::4:5:6' is not a list of generic resources
          `NodeName=a\nNodeName=b,a`               | slurm.conf, line 2, column 1: 'NodeName=b,a' has the node a, which an earlier line has, too
          `NodeName=a\nPartitionName=p Nodes=b`    | slurm.conf, line 2, column 17: 'Nodes=b' has b, which no line describes
          """)
  void namesThePlaceOfAMistake(String lines, String message) {
    String text = lines.replace("\\n", "\n");

    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(
            () ->
                twin(
                    text
                        + (text.contains("PartitionName")
                            ? "\n"
                            : "\nPartitionName=x Nodes=ALL Default=YES\n")))
        .withMessageContaining("site: " + message);
  }

  @Test
  void aNodeCalledLocalhostHasAnotherName() throws IOException {
    SiteTwin twin =
        twin("NodeName=localhost CPUs=4\nPartitionName=p Nodes=localhost Default=YES\n");

    assertThat(definition(twin).computeNodes())
        .extracting(NodeDefinition::name)
        .containsExactly("localhost-node");
    assertThat(twin.report().text())
        .contains("is localhost-node, because localhost is a different host");
  }

  @Test
  void anUnknownParameterIsKeptAsACommentAndReported() throws IOException {
    SiteTwin twin =
        twin(
            """
            FooBar=12
            FooPassword=geheim
            NodeName=a Wheels=4
            PartitionName=p Nodes=a Default=YES
            """);

    assertThat(definition(twin).slurmConf())
        .contains("# FooBar=12", "# FooPassword= (left out)", "# NodeName=a Wheels=4");
    assertThat(twin.report().text()).contains("FooBar", "FooPassword", "Wheels");
  }

  @Test
  void aParameterThatTheReleaseDoesNotKnowIsKeptAsAComment() throws IOException {
    String site =
        """
        MaxBatchRequeue=3
        NodeName=a
        PartitionName=p Nodes=a Default=YES
        """;
    Files.writeString(directory.resolve("slurm.conf"), site);

    assertThat(
            definition(SiteTwin.of(directory, SlurmVersion.V22_05, 1, Optional.empty()))
                .slurmConf())
        .contains("# MaxBatchRequeue=3");
    assertThat(
            definition(SiteTwin.of(directory, SlurmVersion.V24_11, 1, Optional.empty()))
                .slurmConf())
        .contains("MaxBatchRequeue=3");
  }

  @Test
  void aScriptThatIsNotThereIsLeftOutAndReported() throws IOException {
    SiteTwin twin =
        twin(
            """
            JobSubmitPlugins=lua,require_timelimit
            NodeName=a
            PartitionName=p Nodes=a Default=YES
            """);

    assertThat(definition(twin).slurmConf()).contains("JobSubmitPlugins=require_timelimit");
    assertThat(twin.report().text())
        .contains("job_submit.lua is not among the site's files: copy it from the site, too");
  }

  @Test
  void leavesWhatIsThereUnlessForced() throws IOException {
    SiteTwin twin = SiteTwin.of(SITES.resolve("gpu"), SlurmVersion.DEFAULT, 16, Optional.empty());
    Path file = directory.resolve("cluster.yaml");
    Files.writeString(file, "mine");

    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> twin.write(file, directory.resolve("slurm"), false))
        .withMessageContaining("already exists");
    assertThat(file).hasContent("mine");
    assertThat(directory.resolve("slurm")).doesNotExist();

    twin.write(file, directory.resolve("slurm"), true);
    assertThat(file).hasContent(twin.definition());
    assertThat(directory.resolve("slurm/job_submit.lua")).isRegularFile();
  }

  @Test
  void aChangeAtTheSiteIsASmallDiff() throws IOException {
    String site =
        """
        NodeName=a[1-1000] CPUs=4 RealMemory=1000
        PartitionName=p Nodes=ALL Default=YES MaxTime=60
        """;
    List<String> before = twin(site).definition().lines().toList();
    List<String> after =
        twin(site.replace("MaxTime=60", "MaxTime=90")).definition().lines().toList();

    assertThat(after).hasSameSizeAs(before).hasSizeLessThan(50);
    assertThat(after.stream().filter(line -> !before.contains(line)).toList())
        .singleElement()
        .asString()
        .contains("90");
  }

  @Test
  void saysWhatToCopyWhenThereIsNoFile() {
    assertThatExceptionOfType(InvalidParameterException.class)
        .isThrownBy(
            () ->
                SiteTwin.of(
                    directory.resolve("nowhere"), SlurmVersion.DEFAULT, 1, Optional.empty()))
        .satisfies(e -> assertThat(e.problem()).contains("scp login:/etc/slurm/slurm.conf ."));
  }
}
