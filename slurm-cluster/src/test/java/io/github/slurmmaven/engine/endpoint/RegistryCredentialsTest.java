/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.engine.endpoint.RegistryCredentials.Credentials;
import io.github.slurmmaven.report.UserMistakeException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryCredentialsTest {

  private Path directory;

  @BeforeEach
  void setUp(@TempDir Path temporary) {
    directory = temporary;
  }

  private RegistryCredentials credentials(String json) throws Exception {
    Files.writeString(directory.resolve("config.json"), json);
    return DockerCliConfig.read(
            new Environment(
                Map.of("DOCKER_CONFIG", directory.toString()), directory, URI.create("unix:///x")))
        .credentials();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "debian, https://index.docker.io/v1/",
    "me/image:1, https://index.docker.io/v1/",
    "docker.io/library/debian, https://index.docker.io/v1/",
    "registry.example.org/a/b:1, registry.example.org",
    "localhost/a, localhost",
    "host:5000/a@sha256:12, host:5000"
  })
  void registryIsTheFirstPartOfAReference(String reference, String registry) {
    assertThat(RegistryCredentials.registryOf(reference)).isEqualTo(registry);
  }

  @Test
  void areReadFromTheFile() throws Exception {
    RegistryCredentials credentials =
        credentials(
            """
            {"auths": {
              "https://index.docker.io/v1/": {"auth": "%s"},
              "https://old.example.org/v1/": {"auth": "%s"},
              "token.example.org": {"identitytoken": "abc"},
              "empty.example.org": {}}}
            """
                .formatted(base64("hub:a:b"), base64("old:pw")));

    assertThat(credentials.forImage("debian"))
        .contains(new Credentials("https://index.docker.io/v1/", "hub", "a:b", false));
    assertThat(credentials.forImage("old.example.org/x"))
        .contains(new Credentials("old.example.org", "old", "pw", false));
    assertThat(credentials.forImage("token.example.org/x"))
        .contains(new Credentials("token.example.org", "", "abc", true));
    assertThat(credentials.forImage("empty.example.org/x")).isEmpty();
    assertThat(credentials.forImage("other.example.org/x")).isEmpty();
    assertThat(credentials.all())
        .containsOnlyKeys(
            "https://index.docker.io/v1/", "https://old.example.org/v1/", "token.example.org");
    assertThat(credentials.all().toString()).doesNotContain("pw").doesNotContain("abc");
  }

  @Test
  void thatCannotBeDecodedNameTheRegistry() throws Exception {
    RegistryCredentials credentials =
        credentials("{\"auths\": {\"r.example.org\": {\"auth\": \"%%%\"}}}");

    assertThatThrownBy(() -> credentials.forImage("r.example.org/x"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("r.example.org")
        .hasMessageContaining("docker login");
  }

  @Test
  void helperThatIsMissingIsNamed() throws Exception {
    RegistryCredentials credentials = credentials("{\"credsStore\": \"no-such-helper\"}");

    assertThatThrownBy(() -> credentials.forImage("debian"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("docker-credential-no-such-helper")
        .hasMessageContaining("https://index.docker.io/v1/")
        .hasMessageContaining("config.json");
  }
}
