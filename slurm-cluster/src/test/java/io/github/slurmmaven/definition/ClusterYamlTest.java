/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterYamlTest {

  private static final String TWO_NODES =
      """
      name: pair
      slurm_version: "22.05"
      nodes:
        - name: head
          role: controller
          cpus: 1
          memory: 512
        - name: worker
          role: compute
          cpus: 2
          memory: 1024
          partitions: [batch]
      partitions:
        - name: batch
          default: true
          max_time: 1-12:00:00
        - name: long
          nodes: [worker]
      ssh:
        port: 0
        bind_address: 0.0.0.0
        password_login: false
      image: example.org/slurm:1
      image_repository: example.org/published
      """;

  private final Path directory;

  ClusterYamlTest(@TempDir Path directory) {
    this.directory = directory;
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

  static List<Arguments> parameters() {
    List<Arguments> all = new ArrayList<>();
    for (String preset : Presets.NAMES) {
      for (SlurmVersion version : SlurmVersion.packaged()) {
        all.add(
            Arguments.of(
                new TestParameters()
                    .with("preset", preset)
                    .with("slurmVersion", version.release())));
      }
    }
    all.add(Arguments.of(new TestParameters().with("passwordLogin", false).with("port", 0)));
    all.add(
        Arguments.of(
            new TestParameters()
                .with("image", "a/b:1")
                .with("imageRepository", "a/b")
                .with("port", 2345)));
    // Names that YAML would take for something else.
    for (String name : List.of("1", "007", "1e5", "0x10", "null", "true", "no", "1_000", "12-24")) {
      all.add(Arguments.of(new TestParameters().with("name", name)));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void whatIsWrittenIsRead(TestParameters parameters) {
    ClusterDefinition definition = parameters.toDefinition();

    assertThat(read(ClusterYaml.write(definition))).isEqualTo(definition);
  }

  @Test
  void definitionByHand() {
    ClusterDefinition definition = read(TWO_NODES);

    assertThat(definition.controller().name()).isEqualTo("head");
    assertThat(definition.computeNodes())
        .extracting(NodeDefinition::name)
        .containsExactly("worker");
    assertThat(definition.slurmVersion()).isEqualTo(SlurmVersion.V22_05);
    assertThat(definition.preset()).isEmpty();
    assertThat(definition.image()).hasValue("example.org/slurm:1");
    assertThat(definition.ssh().port()).hasValue(0);
    assertThat(definition.ssh().bindAddress()).isEqualTo("0.0.0.0");
    assertThat(definition.ssh().passwordLogin()).isFalse();
    assertThat(definition.defaultPartition().maxTime()).hasValue("1-12:00:00");
    assertThat(definition.partitions())
        .extracting(PartitionDefinition::name, PartitionDefinition::nodes)
        .containsExactly(tuple("batch", List.of("worker")), tuple("long", List.of("worker")));
    assertThat(read(ClusterYaml.write(definition))).isEqualTo(definition);
  }

  @Test
  void scalarsMayStandWithoutQuotes() {
    ClusterDefinition definition =
        read(
            TWO_NODES
                .replace("\"22.05\"", "22.05")
                .replace("max_time: 1-12:00:00", "max_time: 2:30:00"));

    assertThat(definition.slurmVersion()).isEqualTo(SlurmVersion.V22_05);
    assertThat(definition.defaultPartition().maxTime()).hasValue("2:30:00");
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        // text, replacement, what the message says
        mistake("name: pair", "name: a/b", "name: 'a/b' is not a name"),
        mistake("name: pair\n", "", "name is missing"),
        mistake("\"22.05\"", "\"20.02\"", "slurm_version: '20.02' ", "use 22.05 or 24.11"),
        mistake(
            "slurm_version", "slurmversion", "line 2, column ", "slurmversion", "slurm_version"),
        mistake("memory: 512", "memry: 512", "line 7, column ", "nodes[0].memry", "memory, name"),
        mistake(
            "memory: 512",
            "memory: lots",
            "line 7, column ",
            "nodes[0].memory: 'lots' is not a whole number"),
        mistake(
            "memory: 512",
            "memory: \"512\"",
            "line 7, column ",
            "nodes[0].memory: '512' is not a whole number"),
        mistake(
            "memory: 512",
            "memory: 512.5",
            "line 7, column ",
            "nodes[0].memory: '512.5' is not a whole number"),
        mistake(
            "memory: 512",
            "memory: 99999999999",
            "line 7, column ",
            "nodes[0].memory: '99999999999' is too large or too small for any number here"),
        mistake(
            "memory: 512",
            "memory: " + "9".repeat(1001),
            "line 7, column ",
            "nodes[0].memory: '9999",
            "…' is too large"),
        mistake("port: 0", "port: -99999999999", "ssh.port: '-99999999999' is too large or too"),
        mistake(
            "memory: 512",
            "memory: 512\n    gpu_type: a\n    gpus: 99999999999",
            "nodes[0].gpus: '99999999999' is too large"),
        mistake(
            "memory: 512",
            "memory: 512\n    gpus: {a: 99999999999}",
            "nodes[0].gpus: '99999999999' is too large"),
        mistake("memory: 512", "memory: 64", "nodes[0].memory: '64' is too small: use 128"),
        mistake("    memory: 512\n", "", "nodes[0].memory is missing"),
        mistake("cpus: 2", "cpus: 1000000", "nodes[1].cpus: '1000000' is too large: use 65533 or"),
        mistake("cpus: 2", "cpus: 0", "nodes[1].cpus: '0' is too small: use 1"),
        mistake("cpus: 2", "cpus:", "nodes[1].cpus is missing"),
        mistake("role: compute", "role: worker", "nodes[1].role: 'worker' is not a role: use "),
        mistake("name: worker", "name: work+er", "nodes[1].name: 'work+er' is not a name"),
        mistake(
            "name: worker", "name: head", "line 8, column 5: nodes[1].name: 'head' is there twice"),
        mistake("name: long", "name: batch", "partitions[1].name: 'batch' is there twice"),
        mistake("[batch]", "[bath]", "'bath' is not a partition of this cluster: use batch, long"),
        mistake(
            "[worker]", "[wrker]", "partitions[1].nodes: 'wrker' is not a node", "head, worker"),
        mistake("[worker]", "[head]", "partitions[1].nodes: 'head' is a controller"),
        mistake("    nodes: [worker]\n", "", "partitions[1].nodes is empty"),
        mistake("role: controller", "role: compute", "nodes has 0 of a node with role controller"),
        mistake("role: compute", "role: all-in-one", "nodes has 2 of a node with role controller"),
        mistake("default: true", "default: false", "partitions has 0 of a partition with default"),
        mistake("nodes: [worker]", "default: true\n    nodes: [worker]", "partitions has 2 of a"),
        mistake("1-12:00:00", "soon", "partitions[0].max_time: 'soon' is not a time limit"),
        mistake("port: 0", "port: 70000", "ssh.port: '70000' is not a port"),
        mistake(
            "ssh:",
            "clock_speed: 0\nssh:",
            "clock_speed: '0' is not a speed: use 1 to 1000 seconds of the cluster"),
        mistake("0.0.0.0", "localhost", "ssh.bind_address: 'localhost' is not an IPv4 address"),
        mistake(
            "password_login: false",
            "password_login: maybe",
            "line 22, column ",
            "ssh.password_login: 'maybe' is not true or false"),
        mistake("example.org/slurm:1", "a b", "image: 'a b' is not an image reference"),
        mistake(
            "org/published", "org/a:1", "image_repository: 'example.org/a:1' is not a repository"),
        mistake("cpus: 1\n", "cpus: 1\n    cpus: 3\n", "line 7, column ", "cpus"),
        mistake("[batch]", "batch", "line 12, column ", "partitions: 'batch' is not a list"),
        mistake("nodes: [worker]", "nodes: {a: b}", "line 18, column ", ".nodes is not a list"),
        mistake("name: pair", "name: [a]", "line 1, column ", "name is not text"),
        mistake("ssh:\n", "ssh: none\nx:\n", "line 19, column ", "ssh: 'none' is not a mapping"),
        mistake("nodes:\n  - name: head", "nodes:\n  - name: [", "line "),
        mistake("  - name: worker", "  -\n  - name: worker", "nodes[1] is missing"),
        mistake("name: pair", "\tname: pair", "line 1, column "),
        mistake("image:", "---\nimage:", "the file is several documents, and must be one"));
  }

  private static Arguments mistake(String text, String replacement, String... words) {
    return Arguments.of(text, replacement, List.of(words));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("mistakes")
  void mistakeNamesFileAndPlace(String text, String replacement, List<String> words) {
    assertThat(TWO_NODES).contains(text);
    String broken = TWO_NODES.replaceFirst(Pattern.quote(text), replacement);

    assertThatThrownBy(() -> read(broken))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith(file().toString())
        .hasMessageContainingAll(words.toArray(CharSequence[]::new));
  }

  @ParameterizedTest
  @MethodSource("noClusters")
  void fileWithoutACluster(String content, String problem) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(file() + problem);
  }

  static Stream<Arguments> noClusters() {
    String empty = " is empty: write a definition, or begin with the one of slurm:init";
    String mapping = ", and must be one mapping, as in 'preset: cpu'";
    return Stream.of(
        Arguments.of("", empty),
        Arguments.of("\n", empty),
        Arguments.of("# nothing\n", empty),
        Arguments.of("null\n", empty),
        Arguments.of(
            "just text\n", ", line 1, column 1: the file is the text 'just text'" + mapping),
        Arguments.of("42\n", ", line 1, column 1: the file is the text '42'" + mapping),
        Arguments.of("\n- cpu\n", ", line 2, column 1: the file is a list" + mapping),
        Arguments.of("{}\n", ": nodes is empty: at least one is needed"));
  }

  @Test
  void fileThatIsNotThere() {
    assertThatThrownBy(() -> ClusterYaml.read(file()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(file() + " cannot be read");
  }

  @Test
  void fileThatIsNoUtf8() throws IOException {
    Files.write(file(), new byte[] {'n', ':', ' ', (byte) 0xE4, '\n'});

    assertThatThrownBy(() -> ClusterYaml.read(file()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith(file() + " cannot be read")
        .hasMessageContaining("UTF-8");
  }

  @Test
  void anEmptyListSaysSomething() {
    assertThat(ClusterDocument.parse("test", "{}").isEmpty()).isTrue();
    assertThat(ClusterDocument.parse("test", "nodes: []").isEmpty()).isFalse();
  }
}
