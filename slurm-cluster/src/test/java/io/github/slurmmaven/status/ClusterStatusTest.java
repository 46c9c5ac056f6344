/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.slurmmaven.status.ClusterStatus.State;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The status of clusters in every condition, as golden files. */
class ClusterStatusTest {

  /** {@code -Dgolden.update} writes what is said now instead of comparing with it. */
  private static final boolean UPDATE = System.getProperty("golden.update") != null;

  private static final Path GOLDEN = Path.of("src/test/resources/status");
  private static final Map<String, ClusterStatus> SAMPLES = StatusSamples.all();
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SCHEMA_TEXT = schemaText();
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(SCHEMA_TEXT);

  private static String schemaText() {
    try (InputStream in =
        Objects.requireNonNull(ClusterStatus.class.getResourceAsStream("status.schema.json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Set<String> samples() {
    return SAMPLES.keySet();
  }

  private static ClusterStatus sample(String name) {
    return Objects.requireNonNull(SAMPLES.get(name));
  }

  private static void assertGolden(String file, String text) throws IOException {
    Path path = GOLDEN.resolve(file);
    if (UPDATE) {
      Files.createDirectories(GOLDEN);
      Files.writeString(path, text);
    }
    assertThat(text).isEqualTo(Files.readString(path));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isTextForPeople(String name) throws IOException {
    assertGolden(name + ".txt", StatusText.of(sample(name), Style.PLAIN));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isJsonForPrograms(String name) throws IOException {
    assertGolden(name + ".json", StatusDocument.json(sample(name)));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isYamlThatSaysTheSame(String name) throws IOException {
    String yaml = StatusDocument.yaml(sample(name));
    assertGolden(name + ".yaml", yaml);

    assertThat(new YAMLMapper().readTree(yaml))
        .isEqualTo(MAPPER.readTree(StatusDocument.json(sample(name))));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void jsonIsAsItsSchemaSays(String name) {
    assertThat(SCHEMA.validate(StatusDocument.json(sample(name)), InputFormat.JSON)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "single, RUNNING",
    "full, RUNNING",
    "drained, DEGRADED",
    "dead-node, DEGRADED",
    "missing-node, DEGRADED",
    "no-answer, FAILED",
    "dead-controller, FAILED",
    "starting, STARTING",
    "stopped, STOPPED",
    "created, CREATED",
    "directory-gone, RUNNING"
  })
  void hasAWord(String name, State state) {
    assertThat(sample(name).status()).isEqualTo(state);
    assertThat(state.isUsable()).isEqualTo(state == State.RUNNING || state == State.DEGRADED);
  }

  static Stream<Arguments> types() {
    return Stream.of(
        Arguments.of("", ClusterStatus.class),
        Arguments.of("/properties/nodes/items", ClusterStatus.NodeStatus.class),
        Arguments.of("/properties/partitions/items", ClusterStatus.PartitionStatus.class),
        Arguments.of("/properties/jobs", ClusterStatus.Jobs.class),
        Arguments.of("/properties/connection", ClusterStatus.Reach.class),
        Arguments.of("/properties/registry", ClusterStatus.Registry.class),
        Arguments.of("/properties/rest", ClusterStatus.Rest.class));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("types")
  void schemaKnowsTheKeysThatTheCodeKnows(String pointer, Class<?> type) throws IOException {
    List<String> components =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getName)
            .map(name -> name.equals("isDefault") ? "default" : name)
            .toList();
    JsonNode schema = MAPPER.readTree(SCHEMA_TEXT).at(pointer);

    assertThat(schema.at("/required")).extracting(JsonNode::asText).isEqualTo(components);
    assertThat(schema.get("properties").fieldNames())
        .toIterable()
        .containsExactlyElementsOf(components);
    assertThat(schema.at("/additionalProperties").asText()).isEqualTo("false");
  }

  @Test
  void schemaKnowsTheWordsThatTheCodeKnows() throws IOException {
    JsonNode schema = MAPPER.readTree(SCHEMA_TEXT);

    assertThat(schema.at("/properties/status/enum"))
        .extracting(JsonNode::asText)
        .containsExactly(Arrays.stream(State.values()).map(State::word).toArray(String[]::new));
    assertThat(schema.at("/properties/schemaVersion/const").asInt())
        .isEqualTo(ClusterStatus.SCHEMA_VERSION);
  }

  @Test
  void coloursStatesAndKeepsColumns() {
    Style marks =
        new Style() {
          @Override
          public String good(String text) {
            return "<+" + text + "+>";
          }

          @Override
          public String bad(String text) {
            return "<!" + text + "!>";
          }
        };
    String text = StatusText.of(sample("drained"), marks);

    assertThat(text)
        .contains("Status:  <!Degraded!>\n", "<+idle+>", "<!drained!>", "<+up+>")
        .satisfies(
            coloured ->
                assertThat(coloured.replaceAll("<[+!]|[+!]>", ""))
                    .isEqualTo(StatusText.of(sample("drained"), Style.PLAIN)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "59, 59s",
    "60, 1m 0s",
    "8100, 2h 15m",
    "8130, 2h 15m",
    "86400, 1d 0h",
    "266400, 3d 2h"
  })
  void tellsTimeInTwoUnits(long seconds, String words) {
    assertThat(StatusText.duration(seconds)).isEqualTo(words);
  }
}
