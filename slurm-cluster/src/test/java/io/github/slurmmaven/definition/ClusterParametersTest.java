/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterParametersTest {

  private static TestParameters with(String parameter, Object value) {
    return new TestParameters().with(parameter, value);
  }

  @Test
  void theDefaultIsThePresetCpu() {
    ClusterDefinition definition = new TestParameters().toDefinition();

    assertThat(definition.name()).isEqualTo("slurm-test");
    assertThat(definition.preset()).hasValue("cpu");
    assertThat(definition.slurmVersion()).isEqualTo(SlurmVersion.V24_11);
    assertThat(definition.image()).isEmpty();
    assertThat(definition.nodes())
        .singleElement()
        .returns("slurm", NodeDefinition::name)
        .returns(Role.ALL_IN_ONE, NodeDefinition::role)
        .returns(4, NodeDefinition::cpus)
        .returns(4096, NodeDefinition::memory);
    assertThat(definition.partitions())
        .singleElement()
        .returns("debug", PartitionDefinition::name)
        .returns(true, PartitionDefinition::isDefault)
        .returns(List.of("slurm"), PartitionDefinition::nodes)
        .satisfies(partition -> assertThat(partition.maxTime()).hasValue("1:00:00"));
    assertThat(definition.ssh().port()).isEmpty();
    assertThat(definition.ssh().bindAddress()).isEqualTo("127.0.0.1");
    assertThat(definition.ssh().passwordLogin()).isTrue();
  }

  static List<String> presets() {
    return Presets.NAMES;
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetIsAValidCluster(String preset) {
    ClusterDefinition definition = with("preset", preset).toDefinition();

    assertThat(definition.preset()).hasValue(preset);
    assertThat(definition.computeNodes()).isNotEmpty();
    assertThat(definition.controller().role().runsController()).isTrue();
    assertThat(definition.defaultPartition().nodes()).isNotEmpty();
  }

  @Test
  void parametersReachTheSpec() {
    ClusterDefinition definition =
        with("name", "build-7_a")
            .with("slurmVersion", "22.05")
            .with("cpusPerNode", 2)
            .with("memoryPerNode", 128)
            .with("port", 0)
            .with("bindAddress", "0.0.0.0")
            .with("passwordLogin", false)
            .with("image", "registry.example.org:5000/slurm/node:1.2")
            .with("imageRepository", "registry.example.org:5000/slurm")
            .toDefinition();

    assertThat(definition.name()).isEqualTo("build-7_a");
    assertThat(definition.slurmVersion()).isEqualTo(SlurmVersion.V22_05);
    assertThat(definition.computeNodes())
        .allMatch(node -> node.cpus() == 2 && node.memory() == 128);
    assertThat(definition.ssh().port()).isEqualTo(OptionalInt.of(0));
    assertThat(definition.ssh().bindAddress()).isEqualTo("0.0.0.0");
    assertThat(definition.ssh().passwordLogin()).isFalse();
    assertThat(definition.image()).hasValue("registry.example.org:5000/slurm/node:1.2");
    assertThat(definition.imageRepository()).hasValue("registry.example.org:5000/slurm");
  }

  static Stream<Arguments> refusals() {
    String versions =
        String.join(" or ", SlurmVersion.packaged().stream().map(SlurmVersion::release).toList());
    String name = "lower-case letters, digits, '-' and '_'";
    String port = "1 to 65535, or 0 for any free port";
    String address = "is not an IPv4 address: use 127.0.0.1";
    String image = "is not an image reference: use [registry/]name[:tag]";
    String repository = "is not a repository of images: use [registry/]name without a tag, or none";
    return Stream.of(
        Arguments.of("preset", "cpus", "use " + String.join(", ", Presets.NAMES)),
        Arguments.of("preset", "", "is not a preset"),
        Arguments.of("preset", "../cpu", "is not a preset"),
        Arguments.of("slurmVersion", "20.11", "oldest Slurm that can be run: use " + versions),
        Arguments.of("slurmVersion", "24.11-5", "is not a Slurm version: use " + versions),
        Arguments.of("name", "", name),
        Arguments.of("name", "a/b", name),
        Arguments.of("name", "..", name),
        Arguments.of("name", "Upper", name),
        Arguments.of("name", "-first", name),
        Arguments.of("name", "_first", name),
        Arguments.of("name", "two words", name),
        Arguments.of("name", "line\n", name),
        Arguments.of("name", "grün", name),
        Arguments.of("name", "x".repeat(41), "1 to 40"),
        Arguments.of("cpusPerNode", 0, "use 1 or more"),
        Arguments.of("cpusPerNode", -4, "use 1 or more"),
        Arguments.of("cpusPerNode", 1_000_000, "use 65533 or fewer"),
        Arguments.of("cpuNodes", -1, "use 0 or more"),
        Arguments.of("cpuNodes", 2_000_000_000, "a cluster can have 200 nodes"),
        Arguments.of("gpuNodes", 201, "a cluster can have 200 nodes"),
        Arguments.of("memoryPerNode", 0, "use 128 MB or more"),
        Arguments.of("memoryPerNode", 127, "use 128 MB or more"),
        Arguments.of("port", -1, port),
        Arguments.of("port", 65536, port),
        Arguments.of("port", 70000, port),
        Arguments.of("bindAddress", "", address),
        Arguments.of("bindAddress", "localhost", address),
        Arguments.of("bindAddress", "127.0.0", address),
        Arguments.of("bindAddress", "127.0.0.1.", address),
        Arguments.of("bindAddress", "127.0.0.1.1", address),
        Arguments.of("bindAddress", "256.0.0.1", address),
        Arguments.of("bindAddress", "::1", address),
        Arguments.of("image", "", image),
        Arguments.of("image", "two words", image),
        Arguments.of("image", "name:tag:tag", image),
        Arguments.of("image", "name:", image),
        Arguments.of("image", "-name", image),
        Arguments.of("imageRepository", "", repository),
        Arguments.of("imageRepository", "example.org/slurm:24.11", repository),
        Arguments.of("imageRepository", "localhost:5000", repository),
        Arguments.of("imageRepository", "https://example.org/slurm", repository),
        Arguments.of("imageRepository", "example.org/slurm/", repository),
        Arguments.of("imageRepository", "a".repeat(256), "longer than the name of a repository"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("refusals")
  void refusalNamesParameterValueAndWhatIsAllowed(String parameter, Object value, String allowed) {
    InvalidParameterException refusal =
        catchThrowableOfType(
            InvalidParameterException.class, () -> with(parameter, value).toDefinition());

    assertThat(refusal).isNotNull();
    assertThat(refusal.parameter()).isEqualTo(parameter);
    assertThat(refusal.value()).isEqualTo(String.valueOf(value));
    assertThat(refusal.problem()).contains(allowed);
    assertThat(refusal).hasMessageStartingWith(parameter + ": " + Quoted.of(value) + " is ");
  }

  static Stream<Arguments> acceptable() {
    return Stream.of(
        Arguments.of("name", "a"),
        Arguments.of("name", "0"),
        Arguments.of("name", "x".repeat(40)),
        Arguments.of("port", 1),
        Arguments.of("port", 65535),
        Arguments.of("bindAddress", "0.0.0.0"),
        Arguments.of("bindAddress", "255.255.255.255"),
        Arguments.of("image", "debian"),
        Arguments.of("image", "localhost:5000/a/b_c:V1.0-x"),
        Arguments.of("image", "a/b@sha256:" + "0a".repeat(32)),
        Arguments.of("imageRepository", "none"),
        Arguments.of("imageRepository", "localhost:5000/a_b/c"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("acceptable")
  void valuesAtTheEdgeAreAllowed(String parameter, Object value) {
    assertThatCode(() -> with("passwordLogin", false).with(parameter, value).toDefinition())
        .doesNotThrowAnyException();
  }

  @Test
  void otherMachinesGetThePasswordLoginOnlyWhenItIsAskedFor() {
    assertThatThrownBy(() -> with("bindAddress", "0.0.0.0").toDefinition())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("bindAddress: '0.0.0.0'")
        .hasMessageContaining("passwordLogin");
    assertThatCode(() -> with("bindAddress", "0.0.0.0").with("passwordLogin", true).toDefinition())
        .doesNotThrowAnyException();
  }

  @Test
  void registryParametersNeedARegistry() {
    assertThatThrownBy(() -> with("registryPort", 5001).toDefinition())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("registryPort: '5001'")
        .hasMessageContaining("withRegistry");
  }

  @Test
  void aPortForSlurmrestdNeedsOne() {
    assertThatThrownBy(() -> with("restPort", 6821).toDefinition())
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "configuration: restPort: '6821' is for a cluster with slurmrestd, and this one has none: set rest to true, or leave it out");
    assertThat(with("rest", true).with("restPort", 6821).toDefinition().rest())
        .contains(new RestDefinition(OptionalInt.of(6821)));
  }

  @Test
  void anotherPortForSlurmrestdIsAnotherCluster() {
    ClusterDefinition existing = with("rest", true).with("restPort", 6821).toDefinition();

    assertThatCode(() -> with("rest", true).build().requireMatch(existing))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> with("rest", true).with("restPort", 6822).build().requireMatch(existing))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("restPort: '6822'")
        .hasMessageContaining("(6821)");
  }

  @Nested
  @DisplayName("An existing cluster")
  class Existing {

    private final ClusterDefinition existing =
        with("slurmVersion", "22.05").with("cpusPerNode", 2).with("port", 2300).toDefinition();

    @Test
    void fitsParametersThatSayNothing() {
      assertThatCode(() -> new TestParameters().build().requireMatch(existing))
          .doesNotThrowAnyException();
    }

    @Test
    void fitsTheParametersItWasMadeFrom() {
      ClusterParameters same =
          with("slurmVersion", "22.05")
              .with("preset", "cpu")
              .with("cpusPerNode", 2)
              .with("memoryPerNode", 4096)
              .with("port", 2300)
              .with("passwordLogin", true)
              .with("bindAddress", "127.0.0.1")
              .build();

      assertThatCode(() -> same.requireMatch(existing)).doesNotThrowAnyException();
    }

    static Stream<Arguments> contradictions() {
      return Stream.of(
          Arguments.of("slurmVersion", "24.11", "22.05"),
          Arguments.of("cpusPerNode", 4, "2"),
          Arguments.of("memoryPerNode", 1024, "4096"),
          Arguments.of("port", 2301, "2300"),
          Arguments.of("bindAddress", "0.0.0.0", "127.0.0.1"),
          Arguments.of("passwordLogin", false, "true"),
          Arguments.of("rest", true, "false"),
          Arguments.of("pbsCommands", true, "false"),
          Arguments.of("clockSpeed", 20, "the default"),
          Arguments.of("jobClock", true, "false"),
          Arguments.of("accounting", true, "false"),
          Arguments.of("image", "other:1", "none"),
          Arguments.of("imageRepository", "other/slurm", "the default"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("contradictions")
    void contradictionNamesBothValues(String parameter, Object asked, String has) {
      InvalidParameterException refusal =
          catchThrowableOfType(
              InvalidParameterException.class,
              () -> with(parameter, asked).build().requireMatch(existing));

      assertThat(refusal).isNotNull();
      assertThat(refusal.parameter()).isEqualTo(parameter);
      assertThat(refusal.value()).isEqualTo(String.valueOf(asked));
      assertThat(refusal.problem())
          .contains("(" + has + ")")
          .contains("slurm:create")
          .contains("slurm:destroy");
    }
  }
}
