/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.embedded.bundle.Bundle;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {

  private final Path temporary;
  private final Path directory;
  private final Layout layout;
  private final Bundle bundle;

  LayoutTest(@TempDir Path temporary) throws IOException {
    this.temporary = temporary;
    directory = Files.createDirectories(temporary.resolve("cluster"));
    Files.createDirectories(directory.resolve("secrets"));
    Files.writeString(
        Files.createDirectories(directory.resolve("config")).resolve("slurm.conf"), "A=b\n");
    layout = new Layout(directory);
    bundle = new Bundle(Files.createDirectories(temporary.resolve("bundle")), "24.11", "24.11.5");
  }

  private void make(ClusterDefinition cluster) {
    layout.make(cluster, bundle, Optional.empty(), directory);
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void onlyTheUserCanReadTheFiles() throws IOException {
    make(new TestParameters().toDefinition());

    try (Stream<Path> made = Files.list(directory)) {
      assertThat(made.filter(path -> !path.endsWith("config") && !path.endsWith("secrets")))
          .isNotEmpty()
          .filteredOn(path -> !Files.isSymbolicLink(path))
          .allSatisfy(path -> assertThat(mode(path)).isEqualTo("rwx------"));
    }
    assertThat(mode(directory.resolve("secrets/password"))).isEqualTo("rw-------");
  }

  @Test
  void passwordIsLongAndStays() {
    make(new TestParameters().toDefinition());
    String password = layout.password();
    make(new TestParameters().toDefinition());

    assertThat(password).hasSizeGreaterThan(30).matches("[A-Za-z0-9_-]+");
    assertThat(layout.password()).isEqualTo(password);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 31})
  void damagedPasswordIsMadeAgain(int length) throws IOException {
    make(new TestParameters().toDefinition());
    Path file = directory.resolve("secrets/password");
    String whole = Files.readString(file);
    Files.writeString(file, whole.substring(0, length));

    make(new TestParameters().toDefinition());

    assertThat(layout.password()).hasSameSizeAs(whole).isNotEqualTo(whole);
    assertThat(mode(file)).isEqualTo("rw-------");
  }

  @Test
  void damagedProfileIsMadeAgainAndOthersStay() throws IOException {
    make(new TestParameters().toDefinition());
    Path file = layout.home().resolve(".profile");
    String whole = Files.readString(file);
    for (int length = 0; length < whole.length(); length++) {
      Files.writeString(file, whole.substring(0, length));

      make(new TestParameters().toDefinition());

      assertThat(file).hasContent(whole);
    }
    byte[] mine = {'#', ' ', (byte) 0xe4, '\n'};
    Files.write(file, mine);

    make(new TestParameters().toDefinition());

    assertThat(file).hasBinaryContent(mine);
  }

  @Test
  void namesTheFilesThatProcessesHaveLost() throws IOException {
    make(new TestParameters().toDefinition());
    assertThat(layout.lost(List.of("slurm"), false, false)).isEmpty();
    assertThat(layout.lost(List.of("slurm"), true, false))
        .containsExactly(directory.resolve("run/munge.socket"));
    Files.delete(directory.resolve("spool/slurm"));
    Files.delete(directory.resolve("bundle"));
    Files.writeString(directory.resolve("secrets/password"), "");

    assertThat(layout.lost(List.of("slurm"), false, false))
        .containsExactly(
            directory.resolve("spool/slurm"),
            directory.resolve("bundle"),
            directory.resolve("secrets/password"));
  }

  @Test
  void anIncompleteRecordOfTheStartIsIgnored() throws IOException {
    make(new TestParameters().toDefinition());
    List<String> lines = List.of("shape", "configuration");
    layout.writeStartedWith(lines);
    assertThat(layout.startedWith()).contains(lines);
    for (String content : List.of("", "sha", "shape\n")) {
      Files.writeString(directory.resolve("run/started-with"), content);

      assertThat(layout.startedWith()).isEmpty();
    }
  }

  @Test
  void gpusAreDevicesWithTypes() throws IOException {
    make(new TestParameters().with("preset", "gpu").with("gpusPerNode", 3).toDefinition());

    assertThat(directory.resolve("gpu/fakegpu2")).isSymbolicLink();
    assertThat(Files.readSymbolicLink(directory.resolve("gpu/fakegpu2")))
        .isEqualTo(Path.of("/dev/null"));
    assertThat(directory.resolve("gpu/fakegpu3")).doesNotExist();
    assertThat(Files.readAllLines(directory.resolve("config/fakegpus/slurm")))
        .containsExactly("fake", "fake", "fake");
    assertThat(directory.resolve("bin/nvidia-smi")).isExecutable();

    make(new TestParameters().toDefinition());

    assertThat(directory.resolve("bin/nvidia-smi")).doesNotExist();
    assertThat(directory.resolve("config/fakegpus/slurm")).doesNotExist();
  }

  @Test
  void newBundleTakesTheOldOnesPlace() throws IOException {
    make(new TestParameters().toDefinition());
    Path other = Files.createDirectories(temporary.resolve("other"));
    layout.make(
        new TestParameters().toDefinition(),
        new Bundle(other, "24.11", "24.11.6"),
        Optional.empty(),
        directory);

    assertThat(Files.readSymbolicLink(directory.resolve("bundle"))).isEqualTo(other);
  }

  @Test
  void recordsStayWhenAClusterHasNoAccountingAnyMore() throws IOException {
    Path database = Files.createDirectories(temporary.resolve("database"));
    layout.make(
        new TestParameters().with("accounting", true).toDefinition(),
        bundle,
        Optional.of(new Bundle(database, "24.11", "24.11.5")),
        directory);
    Path records = Files.writeString(directory.resolve("accounting/named"), "");
    Path state = Files.writeString(directory.resolve("run/slurm-accounting.state"), "ready\n");

    assertThat(Files.readSymbolicLink(directory.resolve("accounting/bundle"))).isEqualTo(database);
    assertThat(layout.lost(List.of("slurm"), false, true)).isEmpty();
    make(new TestParameters().toDefinition());
    assertThat(records).exists();
    assertThat(state).doesNotExist();
  }

  @Test
  void mountIsALinkAndNothingIsOverwritten() throws IOException {
    Path data = Files.createDirectories(temporary.resolve("data"));
    Path definition =
        Files.writeString(
            temporary.resolve("definition.yaml"),
            "preset: cpu\nmounts: [{source: %s, target: /home/slurm/a/data}]\n".formatted(data));
    ClusterDefinition cluster = new TestParameters().with("definition", definition).toDefinition();
    make(cluster);
    make(cluster);

    assertThat(Files.readSymbolicLink(directory.resolve("home/a/data"))).isEqualTo(data);

    Files.delete(directory.resolve("home/a/data"));
    Files.writeString(directory.resolve("home/a/data"), "mine");
    assertThatThrownBy(() -> make(cluster))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("home/a/data is in the way");
    assertThat(directory.resolve("home/a/data")).hasContent("mine");
  }

  @Test
  void userMayHaveAProfileOfTheirOwn() throws IOException {
    make(new TestParameters().toDefinition());
    Path profile = directory.resolve("home/.profile");
    Files.writeString(profile, "mine");
    make(new TestParameters().toDefinition());

    assertThat(profile).hasContent("mine");
  }

  @Test
  void editOfTheConfigurationIsNoticed() throws IOException {
    String before = layout.configurationDigest();
    assertThat(layout.configurationDigest()).isEqualTo(before);

    Files.writeString(directory.resolve("config/slurm.conf"), "A=c\n");

    assertThat(layout.configurationDigest()).isNotEqualTo(before);
  }

  @Test
  void remembersWhatDaemonsWereStartedWith() {
    make(new TestParameters().toDefinition());
    assertThat(layout.startedWith()).isEmpty();
    layout.writeStartedWith(List.of("a", "b"));

    assertThat(layout.startedWith()).hasValue(List.of("a", "b"));
  }
}
