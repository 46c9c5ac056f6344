/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.PyxisDefinition.Helpers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs in containers, as a user asks for them. */
class PyxisTest {

  private static final String DIGEST = "0123456789abcdef".repeat(4);

  private static TestParameters preset(String name) {
    return new TestParameters().with("preset", name);
  }

  @Nested
  @DisplayName("As parameters")
  class Parameters {

    @Test
    void areOnWhereAsked() {
      assertThat(preset("cpu").with("withPyxis", true).toDefinition().pyxis())
          .hasValue(PyxisDefinition.DEFAULT);
      assertThat(preset("full").with("withPyxis", false).toDefinition().pyxis()).isEmpty();
    }

    @Test
    void sayWhereTheSoftwareComesFrom() {
      ClusterDefinition definition =
          preset("full")
              .with("pyxisUrl", "https://mirror.example/pyxis.tar.gz")
              .with("pyxisSha256", DIGEST)
              .with("enrootUrl", "packages/enroot.deb")
              .with("pyxisHelpers", "stock")
              .toDefinition();

      assertThat(definition.pyxis())
          .hasValue(
              new PyxisDefinition(
                  new Archive("https://mirror.example/pyxis.tar.gz", Optional.of(DIGEST)),
                  new Archive(
                      Path.of("packages/enroot.deb").toAbsolutePath().toString(), Optional.empty()),
                  Helpers.STOCK));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "ftp://example.org/a",
          "https://",
          "http://me:secret@example.org/a",
          " ",
          "http://a b/c"
        })
    void refuseWhatCannotBeFetched(String url) {
      assertThatThrownBy(() -> preset("full").with("enrootUrl", url).toDefinition())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith("enrootUrl: '" + url + "' is not where a file can be fetched");
    }

    @Test
    void refuseWhatIsNoDigestAndNoChoice() {
      assertThatThrownBy(() -> preset("full").with("pyxisSha256", "sha256:abc").toDefinition())
          .hasMessageStartingWith("pyxisSha256: 'sha256:abc' is not a SHA-256 digest");
      assertThatThrownBy(() -> preset("full").with("pyxisHelpers", "root").toDefinition())
          .hasMessage("pyxisHelpers: 'root' is not a choice of helpers: use userland or stock");
    }

    @ParameterizedTest
    @CsvSource({
      "pyxisUrl, a.tar.gz",
      "enrootUrl, a.deb",
      "pyxisHelpers, stock",
      "pyxisSha256, 0000000000000000000000000000000000000000000000000000000000000000",
      "enrootSha256, 0000000000000000000000000000000000000000000000000000000000000000"
    })
    void needPyxisToBeFor(String parameter, String value) {
      assertThatThrownBy(() -> preset("cpu").with(parameter, value).toDefinition())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessage(
              parameter + ": '" + value + "' needs Pyxis: set withPyxis, or use the preset full");
    }

    static List<Arguments> values() {
      return List.of(
          Arguments.of(Map.of("withPyxis", true)),
          Arguments.of(
              Map.of(
                  "pyxisUrl",
                  "a.tar.gz",
                  "pyxisSha256",
                  DIGEST,
                  "enrootUrl",
                  "http://a/{arch}.deb",
                  "enrootSha256",
                  DIGEST,
                  "pyxisHelpers",
                  "stock")));
    }

    @ParameterizedTest
    @MethodSource("values")
    void fitTheClusterThatTheyMadeAndNoOther(Map<String, Object> values) {
      TestParameters all = preset("full");
      values.forEach(all::with);
      ClusterDefinition existing = all.toDefinition();

      values.forEach(
          (name, value) -> {
            ClusterParameters alone = new TestParameters().with(name, value).build();
            assertThatCode(() -> alone.requireMatch(existing)).doesNotThrowAnyException();
            assertThatThrownBy(() -> alone.requireMatch(preset("cpu").toDefinition()))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageStartingWith(name + ": '");
          });
    }
  }

  @Nested
  @DisplayName("In a definition")
  class Definition {

    private static final String NODES =
        """
        nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
        partitions: [{name: p, default: true}]
        """;

    private final Path file;

    Definition(@TempDir Path directory) {
      file = directory.resolve("cluster.yaml");
    }

    private ClusterDefinition read(String services) throws IOException {
      Files.writeString(file, NODES + "services: {pyxis: " + services + "}\n");
      return new TestParameters().with("definition", file).toDefinition();
    }

    @Test
    void areSwitchedOn() throws IOException {
      assertThat(read("true").pyxis()).hasValue(PyxisDefinition.DEFAULT);
      assertThat(read("false").pyxis()).isEmpty();
    }

    @Test
    void canBeWrittenAndReadAgain() throws IOException {
      ClusterDefinition definition =
          read(
              "{url: 'file:///srv/pyxis.tgz', enroot_url: e.deb, enroot_sha256: "
                  + DIGEST
                  + ", helpers: stock}");

      assertThat(definition.pyxis())
          .hasValue(
              new PyxisDefinition(
                  new Archive("/srv/pyxis.tgz", Optional.empty()),
                  new Archive(file.resolveSibling("e.deb").toString(), Optional.of(DIGEST)),
                  Helpers.STOCK));
      Files.writeString(file, ClusterYaml.write(definition));
      assertThat(ClusterYaml.read(file)).isEqualTo(definition);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "{url: 'ftp://x'} | services.pyxis.url: 'ftp://x' is not where",
          "{sha256: abc} | services.pyxis.sha256: 'abc' is not a SHA-256",
          "{helpers: none} | services.pyxis.helpers: 'none' is not a choice",
          "{version: 1} | version is not known here"
        })
    void namesTheMistake(String services, String message) {
      assertThatThrownBy(() -> read(services))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("line 3")
          .hasMessageContaining(message);
    }
  }
}
