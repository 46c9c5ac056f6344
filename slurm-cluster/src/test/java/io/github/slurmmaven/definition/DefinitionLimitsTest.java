/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A definition that is more than data is refused:")
class DefinitionLimitsTest {

  @TempDir Path directory;

  private String refusal(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("cluster.yaml"), yaml);
    UserMistakeException refusal =
        catchThrowableOfType(UserMistakeException.class, () -> ClusterYaml.read(file));
    assertThat(refusal).isNotNull();
    assertThat(refusal.getMessage()).startsWith(file.toString());
    return refusal.getMessage().substring(file.toString().length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "!!java.net.URL x|!java.net.URL",
        "!!javax.script.ScriptEngineManager [x]|!javax.script.ScriptEngineManager",
        "!!python/object/apply:os.system [x]|!python/object/apply:os.system",
        "!x y|!x",
        "!!str x|!str",
      })
  void tags(String value, String tag) throws IOException {
    assertThat(refusal("preset: cpu\nname: " + value + "\n"))
        .startsWith(", line 2, column 7: name has the tag ")
        .contains(tag.substring(1))
        .endsWith(": remove it");
  }

  @Test
  void anchors() throws IOException {
    assertThat(refusal("nodes: &a [x]\n"))
        .startsWith(", line 1, column 8: nodes has an anchor or an alias");
  }

  @Test
  void aliases() throws IOException {
    assertThat(refusal("name: x\nimage: *name\n"))
        .startsWith(", line 2, column 8: image has an anchor or an alias");
  }

  @Test
  void aliasesOfAliases() throws IOException {
    StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (char c = 'b'; c < 'z'; c++) {
      bomb.append("%c: &%c [%s]\n".formatted(c, c, ("*" + (char) (c - 1) + ", ").repeat(9)));
    }
    assertThat(refusal(bomb.toString())).contains("a has an anchor or an alias");
  }

  @Test
  void deepNesting() throws IOException {
    assertThat(refusal("name: " + "[".repeat(50_000)))
        .contains("line 1, ", "is nested deeper than 10 levels")
        .hasSizeLessThan(300);
    assertThat(refusal("name:" + " {a:".repeat(50_000)))
        .contains("line 1, ", "is nested deeper than 10 levels");
  }

  @Test
  void hugeFiles() throws IOException {
    assertThat(refusal("name: x\n# " + "x".repeat(1 << 20)))
        .isEqualTo(" is larger than 1 MiB; no definition of a cluster needs to be");
  }

  @Test
  void severalDocuments() throws IOException {
    assertThat(refusal("name: x\n---\nname: y\n")).startsWith(", line ");
  }

  @Test
  @DisplayName("more nodes than a cluster can have")
  void moreNodesThanAClusterCanHave() throws IOException {
    assertThat(
            refusal(
                """
                name: many
                nodes:
                  - {name: head, role: controller, cpus: 1, memory: 512}
                  - {name: "n[1-200]", role: compute, cpus: 1, memory: 512}
                """))
        .isEqualTo(", line 2, column 1: nodes: '201' is too large: a cluster can have 200 nodes");
  }

  @Test
  @DisplayName("more nodes than a cluster can have, the controller included")
  void countsTheControllerThatParametersAdd() {
    assertThat(new TestParameters().with("cpuNodes", 199).toDefinition().nodes()).hasSize(200);
    assertThatThrownBy(() -> new TestParameters().with("cpuNodes", 200).toDefinition())
        .isInstanceOf(UserMistakeException.class)
        .hasMessage("201 nodes are too many: a cluster can have 200");
  }
}
