/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymbolicLinkTest {

  private static final ClusterDefinition SPEC = new TestParameters().toDefinition();
  private static final Path PLAIN = Path.of("/home/user/project/target/cluster");

  private final Path place;

  SymbolicLinkTest(@TempDir Path place) {
    this.place = place;
  }

  private static ClusterId in(Path directory) {
    return new ClusterId("c", directory);
  }

  private Optional<Path> choose(Path directory) {
    return choose(directory, Optional.empty());
  }

  private Optional<Path> choose(Path directory, Optional<Path> previous) {
    return SymbolicLink.choose(in(directory), SPEC, previous, List.of(place));
  }

  @Test
  void aPlainPathNeedsNoLink() {
    assertThat(choose(PLAIN)).isEmpty();
  }

  @Test
  @DisplayName("the longest socket of a job ends at 107 bytes")
  void longPath() {
    String socket = "/spool/slurm/slurm_67108863.4294967292";
    Path longest = Path.of("/" + "d".repeat(107 - socket.length() - 1));

    assertThat((longest + socket).length()).isEqualTo(107);
    assertThat(choose(longest)).isEmpty();
    assertThat(choose(Path.of(longest + "d"))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "ünï", "a#b", "a\"b", "a,b", "a[0-1]", "a=b", "a:b"})
  void aPathThatSlurmConfCannotQuoteNeedsALink(String name) {
    assertThat(choose(PLAIN.resolve(name)))
        .hasValueSatisfying(path -> assertThat(path.getParent()).isEqualTo(place));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a%n", "a\\b", "a\nb"})
  void refusesAPathThatSlurmReadsAsAPattern(String name) {
    assertThatThrownBy(() -> choose(PLAIN.resolve(name)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith("outputDirectory: ");
  }

  @Test
  void theLinkOfAClusterStaysTheSame() {
    Path directory = PLAIN.resolve("two words");
    Path shortcut = choose(directory).orElseThrow();

    SymbolicLink.make(shortcut, directory);
    SymbolicLink.make(shortcut, directory);

    assertThat(shortcut).isSymbolicLink();
    assertThat(choose(directory, Optional.of(shortcut))).hasValue(shortcut);
    assertThat(choose(directory)).hasValue(shortcut);
    SymbolicLink.remove(shortcut, directory);
    assertThat(Files.exists(shortcut, LinkOption.NOFOLLOW_LINKS)).isFalse();
    SymbolicLink.remove(shortcut, directory);
  }

  @Test
  void leavesAloneWhatIsSomebodyElses() throws IOException {
    Path directory = PLAIN.resolve("two words");
    Path taken = choose(directory).orElseThrow();
    Files.createSymbolicLink(taken, Path.of("/somewhere/else"));

    Path other = choose(directory, Optional.of(taken)).orElseThrow();

    assertThat(other).isNotEqualTo(taken);
    assertThatThrownBy(() -> SymbolicLink.make(taken, directory))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(taken.toString());
    SymbolicLink.remove(taken, directory);
    assertThat(taken).isSymbolicLink();
  }

  @Test
  void saysWhenThereIsNoPlace() {
    ClusterId id = in(PLAIN.resolve("two words"));

    assertThatThrownBy(
            () -> SymbolicLink.choose(id, SPEC, Optional.empty(), List.of(place.resolve("none"))))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("two words")
        .hasMessageContaining("outputDirectory");
  }

  @Test
  void sessionsOwnDirectoryIsSecondBest() {
    assertThat(SymbolicLink.places(Map.of())).containsExactly(Path.of("/tmp"));
    assertThat(SymbolicLink.places(Map.of("XDG_RUNTIME_DIR", "/run/user/1")))
        .containsExactly(Path.of("/tmp"), Path.of("/run/user/1"));
  }
}
