/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published schema of the definition says what the code understands. */
class SchemaTest {

  private static final String TEXT = resource("cluster.schema.json");
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(TEXT);
  private static final String MINIMAL =
      """
      nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
      partitions: [{name: p, default: true}]
      """;

  private static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(ClusterDocument.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> problems(String yaml) {
    return SCHEMA.validate(yaml, InputFormat.YAML).stream().map(String::valueOf).toList();
  }

  static Stream<Arguments> types() {
    return Stream.of(
        Arguments.of("", ClusterDocument.class),
        Arguments.of("/$defs/node", ClusterDocument.Node.class),
        Arguments.of("/$defs/partition", ClusterDocument.Partition.class),
        Arguments.of("/properties/ssh", ClusterDocument.Ssh.class),
        Arguments.of("/properties/services", ClusterDocument.Services.class),
        Arguments.of("/properties/accounts/items/oneOf/1", ClusterDocument.Account.class),
        Arguments.of("/$defs/account_user", ClusterDocument.AccountUser.class),
        Arguments.of("/properties/qos/items/oneOf/1", ClusterDocument.Qos.class),
        Arguments.of("/properties/users/items/oneOf/1", ClusterDocument.User.class),
        Arguments.of("/properties/mounts/items", ClusterDocument.Mount.class),
        Arguments.of("/properties/files/items", ClusterDocument.FileToCopy.class),
        Arguments.of("/properties/setup/items/oneOf/1", ClusterDocument.Step.class));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("types")
  void knowsTheKeysThatTheCodeKnows(String pointer, Class<?> type) throws IOException {
    JsonNode properties = new ObjectMapper().readTree(TEXT).at(pointer + "/properties");
    Set<String> keys = new TreeSet<>();
    properties.fieldNames().forEachRemaining(keys::add);

    assertThat(keys)
        .isEqualTo(
            Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .map(name -> name.equals("isDefault") ? "default" : name)
                .map(SnakeCaseStrategy.INSTANCE::translate)
                .collect(Collectors.toCollection(TreeSet::new)));
    assertThat(new ObjectMapper().readTree(TEXT).at(pointer + "/additionalProperties").asText())
        .isEqualTo("false");
  }

  @Test
  void knowsTheVersionsThatTheCodeKnows() throws IOException {
    JsonNode version = new ObjectMapper().readTree(TEXT).at("/properties/slurm_version");

    assertThat(version.at("/anyOf/0/enum"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(
            SlurmVersion.packaged().stream().map(SlurmVersion::release).toList());
    assertThat(version.at("/default").asText()).isEqualTo(SlurmVersion.DEFAULT.release());
  }

  static List<String> presets() {
    return Presets.NAMES;
  }

  @ParameterizedTest
  @MethodSource("presets")
  void acceptsThePresetsAndWhatIsWrittenOfThem(String preset) {
    assertThat(problems(resource(preset + ".yaml"))).isEmpty();
    assertThat(
            problems(ClusterYaml.write(new TestParameters().with("preset", preset).toDefinition())))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "users: [alice, 'ci:1400', {name: bob}, {name: eve, uid: 1500}]",
        "accounting: true\naccounts: [physics, {name: theory, parent: physics, shares: 3}]",
        "accounting: true\n"
            + "accounts: [{name: a, users: [mia, {name: bob, partition: p, limits: {MaxJobs:"
            + " 2}}]}]",
        "accounting: true\nqos: [short, {name: long, limits: {MaxWall: 60, GrpTRES: cpu=4}}]",
        "accounting: true\nusers: [{name: slurm, accounts: [default], default_qos: normal}]",
        "services: {registry: true}",
        "services: {registry: {port: 0, image: r}}",
        "services: {pyxis: true}",
        "services: {pyxis: {url: a, enroot_url: b, helpers: stock}}",
        "services: {}",
        "setup: [a, {run: b}, {run: c, on: compute}]",
        "ssh: {port: 65535}",
        "slurm_conf: [A=b]"
      })
  void acceptsShortForms(String more) {
    assertThat(problems(MINIMAL + more)).isEmpty();
  }

  @Test
  void acceptsADefinitionWithEveryKey() {
    assertThat(problems(DefinitionTest.EVERYTHING)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nodse: []",
        "name: A b",
        "slurm_version: \"19.05\"",
        "accounting: maybe",
        "accounting_enforce: [everything]",
        "accounts: [{name: Physics}]",
        "accounts: [{name: a, shares: -1}]",
        "qos: [{name: a, limits: {MaxFun: 1}}]",
        "qos: [{name: a, flags: [Fun]}]",
        "users: [Alice]",
        "users: ['alice:1000']",
        "users: [{uid: 1500}]",
        "users: [{name: a, uid: 1000}]",
        "mounts: [{source: a}]",
        "mounts: [{source: a, target: b}]",
        "files: [{source: a, target: /b, to: c}]",
        "setup: [\"\"]",
        "setup: [{on: compute}]",
        "ssh: {port: 70000}",
        "clock_speed: 0",
        "clock_speed: 1001",
        "ssh: {port: \"22\"}",
        "ssh: {password_login: maybe}",
        "services: {registry: {port: -1}}",
        "services: {registry: yes please}",
        "services: {pixis: true}",
        "services: {pyxis: {sha256: abc}}",
        "services: {pyxis: {helpers: none}}",
        "slurm_conf: A=b"
      })
  void refusesMistakes(String more) {
    assertThat(problems(MINIMAL + more)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cpus: 0",
        "cpus: 1.5",
        "cpus: many",
        "memory: -1",
        "memory: 64",
        "role: worker",
        "gpus: -1",
        "gpus: {a100: 0}",
        "gpus: {\"a b\": 1}",
        "gpus: many",
        "partitions: p",
        "options: {\"A=b C\": d}",
        "options: {A: [b]}",
        "gputype: x"
      })
  void refusesMistakesOfANode(String mistake) {
    String key = mistake.substring(0, mistake.indexOf(':'));
    String node =
        Stream.of("name: one", "role: all-in-one", "cpus: 1", "memory: 512", "partitions: [p]")
            .map(said -> said.startsWith(key + ":") ? mistake : said)
            .collect(Collectors.joining(", "));

    assertThat(
            problems(
                """
                nodes: [{%s%s}]
                partitions: [{name: p, default: true}]
                """
                    .formatted(node, node.contains(mistake) ? "" : ", " + mistake)))
        .isNotEmpty();
  }
}
