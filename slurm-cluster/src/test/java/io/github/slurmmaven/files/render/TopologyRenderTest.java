/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.compose.ComposeService.Mount;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a definition says beyond the presets, in Slurm's and Compose's files. */
class TopologyRenderTest {

  private final Path directory;

  TopologyRenderTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Map<String, String> render(String yaml) throws IOException {
    ClusterDefinition definition =
        ClusterYaml.read(Files.writeString(directory.resolve("in.yaml"), yaml));
    Map<String, String> files =
        RenderedTexts.of(
            new RenderContext(
                definition,
                directory,
                new RenderTarget.Containers(
                    "project", "image:1", "198.18.7", "127.0.0.1", 2222, 5005, 0, 64, 1 << 20)));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(Objects.requireNonNull(path.getParent()));
      Files.writeString(path, file.getValue());
    }
    return files;
  }

  /** The lines of a file that say something. */
  private List<String> lines(Map<String, String> files, String name) {
    return Objects.requireNonNull(files.get(name))
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }

  private ComposeService service(String name) {
    ComposeProject project = ComposeProject.read(directory, Map.of());
    return Objects.requireNonNull(project.services().get(name), name);
  }

  private static String definition(String node, String more) {
    return """
        name: own
        nodes:
          - {name: head, role: controller, cpus: 1, memory: 512}
          - {name: a, role: compute, cpus: 2, memory: 1000, %s}
        partitions:
          - {name: p, default: true, nodes: [a]}
        %s
        """
        .formatted(node, more);
  }

  @Test
  void gpusOfSeveralTypesAreDevicesInOrder() throws IOException {
    Map<String, String> files = render(definition("gpus: {h100: 4, a100: 1, l4: 2}", ""));

    assertThat(lines(files, "config/gres.conf"))
        .containsExactly(
            "AutoDetect=off",
            "NodeName=a Name=gpu Type=h100 File=/dev/fakegpu[0-3]",
            "NodeName=a Name=gpu Type=a100 File=/dev/fakegpu4",
            "NodeName=a Name=gpu Type=l4 File=/dev/fakegpu[5-6]");
    assertThat(lines(files, "config/slurm.conf"))
        .contains(
            "GresTypes=gpu",
            "NodeName=a CPUs=2 RealMemory=1000 Gres=gpu:h100:4,gpu:a100:1,gpu:l4:2 State=UNKNOWN");
    assertThat(service("a").environment())
        .containsEntry("SLURM_FAKE_GPUS", "h100,h100,h100,h100,a100,l4,l4");
    assertThat(service("head").environment()).doesNotContainKey("SLURM_FAKE_GPUS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "null", "010", "1e3", "0x1f"})
  void gpuTypeStaysText(String type) throws IOException {
    Map<String, String> files = render(definition("gpus: {\"" + type + "\": 1}", ""));

    assertThat(service("a").environment()).containsEntry("SLURM_FAKE_GPUS", type);
    assertThat(lines(files, "config/gres.conf"))
        .contains("NodeName=a Name=gpu Type=" + type + " File=/dev/fakegpu0");
  }

  @Test
  void withoutGpusThereIsNoGres() throws IOException {
    Map<String, String> files = render(definition("gpus: 0", ""));

    assertThat(lines(files, "config/gres.conf")).containsExactly("AutoDetect=off");
    assertThat(files.get("config/slurm.conf")).doesNotContain("Gres");
  }

  @Test
  void featuresOfAllPartitionsAndOptionsComeOut() throws IOException {
    Map<String, String> files =
        render(
            """
            name: own
            nodes:
              - {name: "n[0-1]", role: compute, cpus: 2, memory: 1000, options: {Weight: 7}}
              - {name: n2, role: all-in-one, cpus: 4, memory: 1000, options: {Feature: "x,y"}}
            partitions:
              - {name: p, default: true, features: [fast, new], nodes: ["n[0-1]"]}
              - {name: q, features: [new, big], max_time: 2-00, nodes: [n1, n2],
                 options: {OverSubscribe: "FORCE:2", DefMemPerCPU: 10}}
            """);

    assertThat(lines(files, "config/slurm.conf"))
        .contains(
            "NodeName=n0 CPUs=2 RealMemory=1000 Feature=fast,new Weight=7 State=UNKNOWN",
            "NodeName=n1 CPUs=2 RealMemory=1000 Feature=fast,new,big Weight=7 State=UNKNOWN",
            // What the definition says itself wins.
            "NodeName=n2 CPUs=4 RealMemory=1000 Feature=x,y State=UNKNOWN",
            "PartitionName=p Nodes=n0,n1 Default=YES MaxTime=UNLIMITED DefMemPerCPU=500 State=UP",
            "PartitionName=q Nodes=n1,n2 Default=NO MaxTime=2-00 DefMemPerCPU=10"
                + " OverSubscribe=FORCE:2 State=UP");
  }

  @ParameterizedTest
  @Releases.All
  void furtherLinesAreTakenAsTheyAre(SlurmVersion version) throws IOException {
    Map<String, String> files =
        render(
            definition("gpus: 0", "slurm_version: \"" + version + "\"")
                + """
                slurm_conf:
                  - "MailProg=/opt/$HOME/#if(${x}) $spec.name() \\"q\\""
                  - Second=line
                cgroup_conf: ["Constrain=$!no"]
                """);

    assertThat(lines(files, "config/slurm.conf"))
        .endsWith("MailProg=/opt/$HOME/#if(${x}) $spec.name() \"q\"", "Second=line");
    assertThat(lines(files, "config/cgroup.conf")).endsWith("Constrain=$!no");
  }

  @Test
  void registryHasAPortAndANameOnEveryNode() throws IOException {
    Map<String, String> files = render(definition("gpus: 0", "services: {registry: {image: r:9}}"));

    assertThat(service("registry").image()).isEqualTo("r:9");
    assertThat(service("registry").ports())
        .singleElement()
        .satisfies(
            port -> {
              assertThat(port.toString()).contains("127.0.0.1", "5005", "5000");
            });
    assertThat(files.get(".env")).contains("SLURM_MAVEN_REGISTRY_PORT=5005\n");
    for (String node : List.of("head", "a")) {
      assertThat(service(node).extraHosts()).containsEntry("registry", "198.18.7.49");
    }
    assertThat(service("registry").networks())
        .singleElement()
        .satisfies(network -> assertThat(network.toString()).contains("198.18.7.49"));
  }

  @Test
  void withoutARegistryThereIsNone() throws IOException {
    Map<String, String> files = render(definition("gpus: 0", ""));

    assertThat(files.values()).noneMatch(content -> content.contains("registry"));
    assertThat(files.get(".env")).doesNotContain("REGISTRY");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "with space",
        "it's",
        "\"quoted\"",
        "a:b",
        "$HOME",
        "${HOME}",
        "$$",
        "#comment",
        "- item",
        "{a, b}",
        "back\\slash",
        "tab\there",
        "ünï"
      })
  void mountsOfAnyNameComeOutLiterally(String name) throws IOException {
    Path source = Files.createDirectory(directory.resolve(name));
    String target = "/mnt/" + name.replaceAll("[:\t]", "");
    String yaml =
        definition("gpus: 0", "mounts:")
            + "  - source: '%s'\n    target: '%s'\n    read_only: true\n"
                .formatted(name.replace("'", "''"), target.replace("'", "''"));

    render(yaml.replace("\n\n", "\n"));

    for (String node : List.of("head", "a")) {
      assertThat(service(node).mounts())
          .contains(new Mount(Mount.Kind.BIND, source.toString(), target, true));
    }
  }

  @Test
  void manyNodesFitIntoTheFiles() throws IOException {
    Map<String, String> files =
        render(
            """
            name: many
            nodes:
              - {name: head, role: controller, cpus: 1, memory: 512}
              - {name: "n[000-198]", role: compute, cpus: 1, memory: 256}
            partitions: [{name: p, default: true, nodes: ["n[000-198]"]}]
            """);

    assertThat(lines(files, "config/slurm.conf"))
        .filteredOn(line -> line.startsWith("NodeName="))
        .hasSize(199)
        .contains("NodeName=n007 CPUs=1 RealMemory=256 State=UNKNOWN");
    assertThat(service("n198").networks())
        .singleElement()
        .satisfies(network -> assertThat(network.toString()).contains("198.18.7.249"));
  }
}
