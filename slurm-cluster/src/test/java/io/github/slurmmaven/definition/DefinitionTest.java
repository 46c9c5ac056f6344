/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import io.github.slurmmaven.definition.ClusterDocument.Node;
import io.github.slurmmaven.definition.ClusterDocument.Partition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** All that a definition can say, and what it must not. */
class DefinitionTest {

  /** Every key, once. */
  static final String EVERYTHING =
      """
      name: everything
      preset: full
      slurm_version: "22.05"
      image: example.org/slurm:1
      nodes:
        - name: head
          role: controller
          cpus: 1
          memory: 512
        - name: cpu-[0-1]
          role: compute
          cpus: 2
          memory: 1024
          partitions: [short]
          options:
            Weight: 10
            Feature: fast,new
        - name: gpu-0
          role: compute
          cpus: 4
          memory: 2048
          gpus: {h100: 4, a100: 2}
        - name: gpu-1
          role: compute
          cpus: 4
          memory: 2048
          gpus: 2
          gpu_type: fake
      partitions:
        - name: short
          default: true
          max_time: 1-12:00:00
          options: {OverSubscribe: "FORCE:2"}
        - name: gpu
          features: [gpu, nvlink]
          nodes: ["gpu-[0-1]"]
        - name: all
          nodes: ["cpu-[0-1]", gpu-0]
      ssh:
        port: 2244
        bind_address: 0.0.0.0
        password_login: false
      services:
        registry:
          image: example.org/registry:3
          port: 5005
      users:
        - alice
        - name: bob
          uid: 1500
      mounts:
        - source: data
          target: /data
        - source: data
          target: /read
          read_only: true
      files:
        - source: tool.sh
          target: /opt/tool.sh
        - source: data
          target: /opt/data
          on: compute
      setup:
        - echo everywhere
        - run: |
            echo one
            echo "two: $HOME"
          on: gpu-1
      slurm_conf:
        - MaxJobCount=4321
        - "DebugFlags=Gres # with a comment"
      cgroup_conf:
        - ConstrainRAMSpace=no
      packages: [openmpi-bin, libstdc++6]
      """;

  private final Path directory;

  DefinitionTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void makeFiles() throws IOException {
    Files.createDirectory(directory.resolve("data"));
    Files.writeString(directory.resolve("tool.sh"), "");
  }

  private Path file() {
    return directory.resolve("cluster.yaml");
  }

  private ClusterDefinition read(String yaml) {
    try {
      return ClusterYaml.read(Files.writeString(file(), yaml));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void presetStandsInForNodesAndPartitions(@TempDir Path here) throws IOException {
    Path file = Files.writeString(here.resolve("own.yaml"), "preset: gpu\nusers: [alice]\n");

    ClusterDefinition cluster = new TestParameters().with("definition", file).toDefinition();

    assertThat(cluster.nodes())
        .isEqualTo(new TestParameters().with("preset", "gpu").toDefinition().nodes());
    assertThat(cluster.users()).containsExactly(new UserDefinition("alice", 1001));
  }

  @Test
  void everyKeyIsUnderstood() {
    ClusterDefinition cluster = read(EVERYTHING);

    assertThat(cluster.name()).isEqualTo("everything");
    assertThat(cluster.preset()).hasValue("full");
    assertThat(cluster.slurmVersion()).isEqualTo(SlurmVersion.V22_05);
    assertThat(cluster.image()).hasValue("example.org/slurm:1");
    assertThat(cluster.nodes())
        .extracting(NodeDefinition::name)
        .containsExactly("head", "cpu-0", "cpu-1", "gpu-0", "gpu-1");
    assertThat(cluster.nodes().get(2))
        .isEqualTo(
            new NodeDefinition(
                "cpu-1",
                NodeDefinition.Role.COMPUTE,
                2,
                1024,
                Map.of(),
                List.of("short", "all"),
                Map.of("Weight", "10", "Feature", "fast,new")));
    assertThat(cluster.nodes().get(3).gpus())
        .containsExactly(Map.entry("h100", 4), Map.entry("a100", 2));
    assertThat(cluster.nodes().get(4).gpus()).containsExactly(Map.entry("fake", 2));
    PartitionDefinition shortOne = cluster.partitions().get(0);
    assertThat(shortOne.isDefault()).isTrue();
    assertThat(shortOne.maxTime()).hasValue("1-12:00:00");
    assertThat(shortOne.nodes()).containsExactly("cpu-0", "cpu-1");
    assertThat(shortOne.options()).isEqualTo(Map.of("OverSubscribe", "FORCE:2"));
    assertThat(cluster.partitions().get(1).features()).containsExactly("gpu", "nvlink");
    assertThat(cluster.partitions().get(2).nodes()).containsExactly("cpu-0", "cpu-1", "gpu-0");
    assertThat(cluster.ssh()).isEqualTo(new SshDefinition(OptionalInt.of(2244), "0.0.0.0", false));
    assertThat(cluster.registry())
        .hasValue(new RegistryDefinition("example.org/registry:3", OptionalInt.of(5005)));
    assertThat(cluster.packages()).containsExactly("openmpi-bin", "libstdc++6");
    assertThat(cluster.users())
        .containsExactly(new UserDefinition("alice", 1001), new UserDefinition("bob", 1500));
    String data = directory.resolve("data").toString();
    assertThat(cluster.mounts())
        .containsExactly(
            new MountDefinition(data, "/data", false), new MountDefinition(data, "/read", true));
    assertThat(cluster.files())
        .containsExactly(
            new FileCopy(directory.resolve("tool.sh").toString(), "/opt/tool.sh", "all"),
            new FileCopy(data, "/opt/data", "compute"));
    assertThat(cluster.setup())
        .containsExactly(
            new SetupStep("echo everywhere", "all"),
            new SetupStep("echo one\necho \"two: $HOME\"\n", "gpu-1"));
    assertThat(cluster.slurmConf())
        .containsExactly("MaxJobCount=4321", "DebugFlags=Gres # with a comment");
    assertThat(cluster.cgroupConf()).containsExactly("ConstrainRAMSpace=no");
  }

  @Test
  void whatIsWrittenIsRead() {
    ClusterDefinition cluster = read(EVERYTHING);

    String written = ClusterYaml.write(cluster);

    assertThat(read(written)).isEqualTo(cluster);
    assertThat(ClusterYaml.write(read(written))).isEqualTo(written);
  }

  static List<String> hostileTexts() {
    return List.of(
        "echo 'a' \"b\" $HOME `id` \\",
        "first\nsecond\n",
        "  leading\n\ttab\n\n\nblank lines  ",
        "other\u0085 breaks\n",
        "\u2028other\nbreaks\u2029\n",
        "# looks like a comment",
        "key: value",
        "- item",
        "{a: b}",
        "*alias",
        "&anchor x",
        "!tag x",
        "%directive",
        "null",
        "~",
        "yes",
        "0x1f",
        "1:30",
        "ünïcödé \u2028 \uD83D\uDE80",
        "trailing space ",
        "| not a block");
  }

  @ParameterizedTest
  @MethodSource("hostileTexts")
  void textsComeBackAsTheyWere(String text) {
    ClusterDefinition cluster = new TestParameters().toDefinition();
    ClusterDefinition hostile =
        new ClusterDefinition(
            cluster.name(),
            cluster.preset(),
            cluster.slurmVersion(),
            cluster.slurmSource(),
            cluster.image(),
            cluster.imageRepository(),
            cluster.nodes(),
            cluster.absentNodes(),
            cluster.partitions(),
            cluster.ssh(),
            cluster.registry(),
            cluster.pyxis(),
            cluster.accounting(),
            cluster.rest(),
            cluster.pbsCommands(),
            cluster.clockSpeed(),
            cluster.jobClock(),
            cluster.packages(),
            List.of(),
            List.of(
                new MountDefinition(
                    directory.resolve("data").toString(),
                    "/" + text.strip().replaceAll("[:\\n\\t\\x85\\u2028\\u2029]", ""),
                    true)),
            List.of(),
            List.of(new SetupStep(text, "all")),
            List.of(),
            List.of());

    assertThat(read(ClusterYaml.write(hostile))).isEqualTo(hostile);
  }

  static Stream<Arguments> shortForms() {
    return Stream.of(
        Arguments.of("registry: true", "image: \"registry:2\"", true),
        Arguments.of("registry: {}", "image: \"registry:2\"", true),
        Arguments.of("registry: {port: 0}", "port: 0", true),
        Arguments.of("registry: false", "", false));
  }

  @ParameterizedTest
  @MethodSource("shortForms")
  void registryMayBeJustWanted(String form, String written, boolean present) {
    ClusterDefinition cluster = read(minimal("services:\n  " + form + "\n"));

    assertThat(cluster.registry().isPresent()).isEqualTo(present);
    assertThat(ClusterYaml.write(cluster)).contains(written);
    assertThat(read(ClusterYaml.write(cluster))).isEqualTo(cluster);
  }

  private static String minimal(String more) {
    return """
        name: small
        nodes:
          - name: one
            role: all-in-one
            cpus: 1
            memory: 512
            partitions: [p]
        partitions:
          - name: p
            default: true
        """
        + more;
  }

  @Nested
  @DisplayName("A mistake")
  class Mistakes {

    static Stream<Arguments> mistakes() {
      return Stream.of(
          // what is replaced, by what, where and what the message says
          mistake(
              "name: gpu-0",
              "name: cpu-1",
              "line 18, column 5: nodes[2].name: 'cpu-1' is there twice: use it once"),
          mistake(
              "nodes: [\"gpu-[0-1]\"]",
              "nodes: [\"gpu-[0-3]\"]",
              "line 36, column 5: partitions[1].nodes: 'gpu-2' is not a node of this cluster: use"
                  + " head, cpu-0, cpu-1, gpu-0, gpu-1"),
          mistake(
              "partitions: [short]",
              "partitions: [shrt]",
              "line 14, column 5: nodes[1].partitions: 'shrt' is not a partition of this cluster:"
                  + " use short, gpu, all"),
          mistake(
              "default: true",
              "default: false",
              "line 29, column 1: partitions has 0 of a partition with default: true: exactly one"
                  + " is needed"),
          mistake(
              "gpus: {h100: 4, a100: 2}",
              "gpus: {h100: 4, a100: 0}",
              "line 22, column 21: nodes[2].gpus.a100: '0' is too small: use 1 or more"),
          mistake(
              "gpus: {h100: 4, a100: 2}",
              "gpu_type: a100",
              "line 22, column 5: nodes[2].gpu_type: 'a100' has no number: say how many GPUs in"
                  + " gpus"),
          mistake(
              "memory: 512",
              "memory: 512\n    gpus: {a: 1}",
              "line 10, column 5: nodes[0].gpus: '{a=1}' is on a controller, which runs no jobs"),
          mistake(
              "memory: 1024",
              "memory: -1024",
              "line 13, column 5: nodes[1].memory: '-1024' is too small: use 128 MB or more"),
          mistake(
              "source: tool.sh",
              "source: missing.sh",
              "line 58, column 5: files[0].source: 'missing.sh' does not exist on this machine (",
              "missing.sh): create it first"),
          mistake(
              "max_time",
              "maxtime",
              "line 32, column 5: partitions[0].maxtime is not known here: use one of default,"
                  + " features, max_time, name, nodes, options"),
          mistake(
              "  - name: gpu-1\n    role: compute",
              "  - name: gpu-1",
              "line 23, column 5: nodes[3].role is missing"),
          mistake(
              "cpu-[0-1]\n",
              "cpu-[1-0]\n",
              "line 10, column 5: nodes[1].name: 'cpu-[1-0]' is not a host list: a range must"
                  + " rise"),
          mistake(
              "name: gpu-0",
              "name: registry",
              "line 18, column 5: nodes[2].name: 'registry' means something else on every"
                  + " node"),
          mistake(
              "uid: 1500", "uid: 1001", "line 50, column 5: users[1].uid: '1001' is there twice"),
          mistake("name: bob", "name: root", "users[1].name: 'root' is an account of every node"),
          mistake(
              "name: bob",
              "name: slurmrestd",
              "users[1].name: 'slurmrestd' is an account of every node"),
          mistake("target: /data", "target: data", "mounts[0].target: 'data' is not an absolute"),
          mistake(
              "on: compute",
              "on: computer",
              "line 62, column 5: files[1].on: 'computer' is not a role or node of this cluster:"
                  + " use all, all-in-one, controller, compute, head, cpu-0"),
          mistake("- echo everywhere", "- \"  \"", "setup[0].run is empty"));
    }

    private static Arguments mistake(String text, String replacement, String... words) {
      return Arguments.of(text, replacement, List.of(words));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("mistakes")
    void namesFilePlaceValueAndWhatIsAllowed(String text, String replacement, List<String> words) {
      assertThat(EVERYTHING).contains(text);
      int place = EVERYTHING.indexOf(text);
      String broken =
          EVERYTHING.substring(0, place)
              + replacement
              + EVERYTHING.substring(place + text.length());

      assertThatThrownBy(() -> read(broken))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith(file().toString())
          .hasMessageContainingAll(words.toArray(CharSequence[]::new));
    }

    @Test
    void ofZeroNodes() {
      assertThatThrownBy(
              () -> read(minimal("").replaceFirst("(?s)nodes:.*?\npart", "nodes: []\npart")))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage(file() + ", line 2, column 1: nodes is empty: at least one is needed");
    }

    @Test
    void ofAPresetNamesFileAndLine() throws IOException {
      Files.writeString(file(), "name: mine\npreset: gpus\n");

      assertThatThrownBy(() -> new TestParameters().with("definition", file()).toDefinition())
          .isExactlyInstanceOf(UserMistakeException.class)
          .hasMessage(
              file()
                  + ", line 2, column 1: preset: 'gpus' is not a preset: use cpu, gpu,"
                  + " multi-node, full");
    }

    @Test
    void inAPomNamesItsElement() {
      ClusterDocument document =
          ClusterDocument.parse(
              "", "nodes: [{name: a, role: all-in-one, cpus: 1, memory: 512, gpu_type: x}]");

      assertThatThrownBy(() -> new TestParameters().with("document", document).toDefinition())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("configuration: nodes[0].gpuType: 'x' has no number");
    }

    @Test
    void inAPomOverAFileIsNotTheFiles() throws IOException {
      Files.writeString(file(), minimal("users: [root]\n"));
      TestParameters definition = new TestParameters().with("definition", file());
      ClusterDocument document = ClusterDocument.parse("", "users: [alice, Bob]");

      assertThatThrownBy(definition::toDefinition)
          .hasMessageStartingWith(file() + ", line 11, column 9: users[0].name: 'root'");
      assertThatThrownBy(() -> definition.with("document", document).toDefinition())
          .hasMessageStartingWith("configuration: users[1].name: 'Bob' is not a user name");
    }
  }

  @Nested
  @DisplayName("What would be taken for something else")
  class Injection {

    static Stream<String> attempts() {
      return Stream.of(
          // A second line, a second option, a comment, a continued line.
          "nodes[0].options: {Weight: \"1\\nNodeName=evil\"}",
          "nodes[0].options: {Weight: \"1 State=DOWN\"}",
          "nodes[0].options: {Weight: \"1#\"}",
          "nodes[0].options: {Weight: \"1\\\\\"}",
          "nodes[0].options: {Weight: \"\"}",
          "nodes[0].options: {\"Weight=1 State\": DOWN}",
          "nodes[0].options: {\"\": x}",
          "partitions[0].options: {OverSubscribe: \"NO\\tState=DOWN\"}",
          "partitions[0].features: [\"a\\nb\"]",
          "partitions[0].features: [\"a b\"]",
          "partitions[0].max_time: \"1 State=DOWN\"",
          "slurm_conf: [\"MaxJobCount=1\\nSlurmUser=evil\"]",
          "slurm_conf: [\"MaxJobCount=1\\rSlurmUser=evil\"]",
          "slurm_conf: [\"MaxJobCount=1 \\\\\"]",
          "slurm_conf: [\"\"]",
          "cgroup_conf: [\"a\\u0000b\"]",
          "packages: [\"gcc; reboot\"]",
          "packages: [-y]",
          "packages: [--purge]",
          "packages: [gcc-]",
          "packages: [GCC]",
          "packages: [./tool.deb]",
          "packages: [\"python3*\"]",
          "packages: [\"gcc\\nmake\"]",
          "users: [\"a:0\"]",
          "users: [\"a\\nb\"]",
          "users: [\"../../etc\"]",
          "users: [\"-rf\"]",
          "users: [{name: a, uid: 0}]",
          "users: [{name: a, uid: 1000}]",
          "users: [slurm]",
          "mounts: [{source: data, target: \"/a:/b\"}]",
          "mounts: [{source: data, target: \"/a\\nb\"}]",
          "mounts: [{source: data, target: /}]",
          "mounts: [{source: \"da\\u0000ta\", target: /a}]",
          "files: [{source: data, target: etc}]",
          "name: \"a\\nb\"",
          "image: \"a b\"",
          "services: {registry: {image: \"a\\nb\"}}",
          "ssh: {bind_address: \"0.0.0.0:1\"}");
    }

    @ParameterizedTest
    @MethodSource("attempts")
    void isRefused(String attempt) {
      String yaml;
      if (attempt.startsWith("nodes[0].")) {
        yaml =
            minimal("").replace("    cpus: 1\n", "    cpus: 1\n    " + attempt.substring(9) + "\n");
      } else if (attempt.startsWith("partitions[0].")) {
        yaml = minimal("    " + attempt.substring(14) + "\n");
      } else {
        yaml =
            minimal(attempt + "\n")
                .replace(attempt.startsWith("name:") ? "name: small\n" : "\0", "");
      }

      assertThatThrownBy(() -> read(yaml))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining(", line ")
          .hasMessageContaining(attempt.substring(0, attempt.indexOf(':')));
    }
  }

  @Test
  void documentInPartsReplacesThePresets() {
    ClusterDocument document =
        ClusterDocument.of(
            Map.of(
                "nodes",
                List.of(
                    new Node(
                        "one", "all-in-one", 1, 512, Gpus.of(Map.of("a100", 1)), null, null, null)),
                "partitions",
                List.of(new Partition("p", true, null, null, List.of("one"), null))));

    ClusterDefinition cluster = new TestParameters().with("document", document).toDefinition();

    assertThat(cluster.preset()).isEmpty();
    assertThat(cluster.name()).isEqualTo("slurm-test");
    assertThat(cluster.nodes())
        .singleElement()
        .returns(Map.of("a100", 1), NodeDefinition::gpus)
        .returns(List.of("p"), NodeDefinition::partitions);
  }
}
