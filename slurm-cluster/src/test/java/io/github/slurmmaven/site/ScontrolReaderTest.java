/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScontrolReaderTest {

  private static final Path SITES = Path.of("src/test/resources/site");

  private static final String CONFIG =
      """
      Configuration data as of 2026-11-30T09:07:05
      ClusterName             = small
      SLURM_VERSION           = 24.11.5

      """;

  private static final String PARTITION =
      """
      PartitionName=p
         Default=YES MaxTime=02:00:00
         Nodes=n[1-3]
         State=UP TotalCPUs=12 TotalNodes=3
      """;

  private static final String NODES =
      """
      NodeName=n1 CoresPerSocket=1
         CPUAlloc=0 CPUTot=4 Gres=gpu:a100:2(S:0-1),shard:a100:8(S:0)
         RealMemory=1000 Sockets=4 Boards=1
         State=IDLE+CLOUD+POWERED_DOWN ThreadsPerCore=1 TmpDisk=0 Weight=1

      NodeName=n2 CoresPerSocket=1
         CPUAlloc=0 CPUTot=4 Gres=gpu:a100:2,shard:8
         RealMemory=1000 Sockets=4 Boards=1
         State=IDLE+CLOUD ThreadsPerCore=1 TmpDisk=0 Weight=1
         Comment=Weight=99 CPUTot=1

      """;

  @TempDir private Path directory;

  private SiteTwin twin(Path site) {
    return SiteTwin.of(site, SlurmVersion.DEFAULT, 8, Optional.empty());
  }

  private SiteTwin twinOf(String outputs) throws IOException {
    return twin(Files.writeString(directory.resolve("outputs.txt"), outputs));
  }

  /** The lines of a definition, whatever order a file has its parameters in. */
  private static List<String> sorted(SiteTwin twin) {
    return twin.definition().lines().sorted().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scontrol-17.11", "scontrol-24.11", "scontrol-26.05"})
  void makesTheSameDefinitionAsSlurmConf(String site) {
    SiteTwin ofOutputs = twin(SITES.resolve(site));
    SiteTwin ofFile = twin(SITES.resolve(site + "-as-file"));

    assertThat(sorted(ofOutputs)).isEqualTo(sorted(ofFile));
    assertThat(ofOutputs.nodeCount()).isEqualTo(ofFile.nodeCount());
  }

  @ParameterizedTest
  @ValueSource(strings = {"scontrol-17.11", "scontrol-24.11", "scontrol-26.05"})
  void reportsTheSameParametersAsOfSlurmConf(String site) {
    String ofFile = twin(SITES.resolve(site + "-as-file")).report().text();
    String ofOutputs = twin(SITES.resolve(site)).report().text();

    assertThat(parameters(ofOutputs).stream().filter(each -> !each.endsWith("Configuration")))
        .containsExactlyInAnyOrderElementsOf(parameters(ofFile));
  }

  @Test
  void reportsFileAndLine() {
    assertThat(twin(SITES.resolve("scontrol-17.11")).report().text())
        .containsPattern("scontrol-config.txt +4 +AccountingStorageHost +left out")
        .containsPattern("scontrol-partition.txt +13 +AllowGroups +left out")
        .containsPattern("Cgroup Support Configuration +left out");
  }

  /** The third column, of which the first two are file and lines. */
  private static List<String> parameters(String table) {
    return table
        .lines()
        .skip(1)
        .map(line -> line.split(" {2,}", -1)[2])
        .collect(Collectors.toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"scontrol-17.11", "scontrol-24.11", "scontrol-26.05"})
  void readsOneLineOutput(String site) throws IOException {
    for (String name : List.of("config", "partition", "node")) {
      String file = "scontrol-" + name + ".txt";
      String text = Files.readString(SITES.resolve(site).resolve(file));
      Files.writeString(
          directory.resolve(file),
          name.equals("config") ? text : text.replaceAll("\n +", " ").replace("\n\n", "\n"));
    }

    assertThat(twin(directory).definition()).isEqualTo(twin(SITES.resolve(site)).definition());
  }

  @Test
  void readsThreeOutputsInOneFileInAnyOrder() throws IOException {
    String definition = twinOf(CONFIG + PARTITION + "\n" + NODES).definition();

    assertThat(twinOf("Last login: Monday\n\n" + NODES + PARTITION + "\n" + CONFIG).definition())
        .isEqualTo(definition);
    assertThat(twinOf((CONFIG + PARTITION + "\n" + NODES).replace("\n", "\r\n")).definition())
        .isEqualTo(definition);
    assertThat(definition).contains("name: small", "max_time: \"02:00:00\"");
  }

  @Test
  void nodesThatHaveRegisteredAreLikeThoseThatHaveNot() throws IOException {
    String definition = twinOf(CONFIG + PARTITION + "\n" + NODES).definition();

    assertThat(definition)
        .contains("name: \"n[1-2]\"", "a100: 2", "shard:8")
        .doesNotContain("S:0", "99", "Sockets");
  }

  @Test
  void nodesThatNoCommandShowsAreReported() throws IOException {
    SiteTwin twin = twinOf(CONFIG + PARTITION + "\n" + NODES);

    assertThat(twin.nodeCount()).isEqualTo(2);
    assertThat(twin.report().text()).contains("is a node for the future");
  }

  @Test
  void manyNodesWithAddressesAreOneShortRowOfTheReport() throws IOException {
    StringBuilder nodes = new StringBuilder();
    for (int i = 1; i <= 300; i++) {
      nodes.append(
          "NodeName=n%d CoresPerSocket=1 CPUTot=4 NodeAddr=10.0.1.%d\n   RealMemory=9 Sockets=4 ThreadsPerCore=1\n\n"
              .formatted(i, i));
    }
    SiteTwin twin = twinOf(CONFIG + PARTITION.replace("1-3", "1-300") + "\n" + nodes);

    assertThat(twin.definition()).contains("name: \"n[1-8]\"", "name: \"n[9-300]\"");
    assertThat(twin.report().text().lines())
        .filteredOn(line -> line.contains("NodeAddr"))
        .singleElement()
        .asString()
        .contains(",… ")
        .hasSizeLessThan(120);
  }

  @Test
  void aNewReleasesParameterIsKeptAsACommentAndReported() throws IOException {
    SiteTwin twin =
        twinOf(CONFIG.replace("SLURM_VERSION", "FooLimit = 7\nSLURM_VERSION") + PARTITION + NODES);

    assertThat(twin.definition()).contains("# FooLimit=7");
    assertThat(twin.report().text()).contains("FooLimit");
  }

  @Test
  void slurmConfCountsBeforeOutputs() throws IOException {
    Files.writeString(
        directory.resolve("slurm.conf"),
        "ClusterName=file\nNodeName=a\nPartitionName=p Nodes=a Default=YES\n");
    Files.writeString(directory.resolve("scontrol-config.txt"), CONFIG);

    assertThat(twin(directory).definition()).contains("name: file");
  }

  @Test
  void namesTheCommandWhoseOutputIsMissing() {
    Stream.of(
            List.of("scontrol show node", CONFIG + PARTITION),
            List.of("scontrol show partition", CONFIG + NODES),
            List.of("scontrol show config", PARTITION + "\n" + NODES))
        .forEach(
            each ->
                assertThatExceptionOfType(UserMistakeException.class)
                    .isThrownBy(() -> twinOf(each.get(1)))
                    .withMessageContaining("the output of '" + each.get(0) + "' is missing")
                    .withMessageContaining("run it on a login node"));
  }

  @Test
  void namesThePlaceOfACutOutput() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> twinOf(CONFIG + PARTITION + "\n" + NODES + "NodeName=n3 Arch=x86_64\n"))
        .withMessageContaining("outputs.txt, line")
        .withMessageContaining("copy the whole output");
  }
}
