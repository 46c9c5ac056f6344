/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.ClusterBackend.ClusterId;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Member;
import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.spec.NodeSpec.Role;
import io.github.slurmmaven.spec.TestParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIndexTest {

  private final Path directory;
  private final ClusterIndex index;

  ClusterIndexTest(@TempDir Path temporary) {
    directory = temporary.resolve("clusters");
    index = new ClusterIndex(directory);
  }

  private static Entry entry(String name, String directory) {
    return new Entry(
        new ClusterId(name, Path.of(directory)),
        "build:1:2:host",
        Instant.parse("2024-05-06T07:08:09Z"),
        List.of(new Member("head", Role.CONTROLLER), new Member("n-1", Role.COMPUTE)),
        new LocalChoice(2222, 17_000, Optional.of(Path.of("/tmp/short"))));
  }

  @Test
  void givesBackWhatWasPut() {
    Entry one = entry("one", "/a b/ünï\\ = #");
    Entry other = entry("one", "/another");

    index.put(one);
    index.put(other);
    index.put(one);

    assertThat(index.get(one.id())).hasValue(one);
    assertThat(index.all()).containsExactlyInAnyOrder(one, other);
    assertThat(index.remove(one.id())).isTrue();
    assertThat(index.remove(one.id())).isFalse();
    assertThat(index.all()).containsExactly(other);
  }

  @Test
  void emptyBeforeTheFirst() {
    assertThat(index.all()).isEmpty();
    assertThat(index.get(entry("one", "/a").id())).isEmpty();
  }

  @Test
  void othersFilesAreNoClusters() throws IOException {
    index.put(entry("one", "/a"));
    Files.writeString(directory.resolve("x.properties"), "directory=/x\n");
    Files.writeString(directory.resolve(".draft123"), "");

    assertThat(index.all()).hasSize(1);
  }

  @Test
  void saysWhenItCannotBeKept() throws IOException {
    Files.writeString(directory, "in the way");

    assertThatThrownBy(() -> index.put(entry("one", "/a")))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("XDG_CACHE_HOME");
  }

  @Test
  void controllerIsTheFirstMember() {
    assertThat(Member.of(new TestParameters().with("preset", "multi-node").toSpec()))
        .extracting(Member::name)
        .containsExactly("controller", "compute-0", "compute-1");
  }
}
