/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.engine.endpoint.RegistryCredentials.Credentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryCredentialsTest {

  private final List<String> problems = new ArrayList<>();
  private Path directory;

  @BeforeEach
  void setUp(@TempDir Path temporary) {
    directory = temporary;
  }

  private RegistryCredentials credentials(String json) throws Exception {
    Files.writeString(directory.resolve("config.json"), json);
    return DockerCliConfig.read(
            new Environment(
                Map.of("DOCKER_CONFIG", directory.toString(), "PATH", directory + ":/usr/bin:/bin"),
                directory,
                URI.create("unix:///x")))
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
    assertThat(credentials.all(problems::add))
        .containsOnlyKeys(
            "https://index.docker.io/v1/", "https://old.example.org/v1/", "token.example.org");
    assertThat(credentials.all(problems::add).toString())
        .doesNotContain("pw")
        .doesNotContain("abc");
    assertThat(problems).isEmpty();
  }

  @Test
  void anUndecodableEntryNamesTheRegistry() throws Exception {
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

  @Nested
  @DisplayName("A credential helper")
  @DisabledOnOs(OS.WINDOWS)
  class Helper {

    /** Writes a program that a helper is, for /bin/sh. */
    private void helper(String name, String script) throws IOException {
      Files.setPosixFilePermissions(
          Files.writeString(
              directory.resolve("docker-credential-" + name), "#!/bin/sh\n" + script + "\n"),
          PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void isAskedForTheRegistryAlone() throws Exception {
      helper(
          "fake",
          """
          [ "$1" = get ] || exit 2
          read -r registry
          printf '{"ServerURL": "%s", "Username": "me", "Secret": "for %s"}' "$registry" "$registry"
          """);
      RegistryCredentials credentials =
          credentials(
              """
              {"credHelpers": {"one.example.org": "fake"},
               "auths": {"two.example.org": {"auth": "%s"}}}
              """
                  .formatted(base64("you:there")));

      assertThat(credentials.forImage("one.example.org/x"))
          .contains(new Credentials("one.example.org", "me", "for one.example.org", false));
      assertThat(credentials.forImage("two.example.org/x"))
          .contains(new Credentials("two.example.org", "you", "there", false));
      assertThat(credentials.forImage("debian")).isEmpty();
      assertThat(credentials.all(problems::add))
          .containsOnlyKeys("one.example.org", "two.example.org");
    }

    @Test
    void isForAllRegistriesWhenItIsTheStore() throws Exception {
      helper("store", "cat >/dev/null; printf '{\"Username\": \"<token>\", \"Secret\": \"t\"}'");
      RegistryCredentials credentials =
          credentials("{\"credsStore\": \"store\", \"auths\": {\"r.example.org\": {}}}");

      assertThat(credentials.forImage("debian"))
          .contains(new Credentials(RegistryCredentials.DOCKER_HUB, "", "t", true));
      assertThat(credentials.all(problems::add)).containsOnlyKeys("r.example.org");
    }

    @Test
    void thatKnowsNoneGivesNone() throws Exception {
      helper("fake", "echo 'credentials not found in native keychain'; exit 1");

      assertThat(credentials("{\"credsStore\": \"fake\"}").forImage("debian")).isEmpty();
    }

    @Test
    void thatFailsIsNamedWithItsWords() throws Exception {
      helper("fake", "echo 'the vault is locked'; exit 1");
      RegistryCredentials credentials =
          credentials("{\"credHelpers\": {\"one.example.org\": \"fake\"}}");

      assertThatThrownBy(() -> credentials.forImage("one.example.org/x"))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage(
              "docker-credential-fake get, which config.json of the docker CLI names for"
                  + " one.example.org, failed: the vault is locked");
    }

    @Test
    void thatFailsIsNoReasonForABuildToFail() throws Exception {
      RegistryCredentials credentials =
          credentials(
              """
              {"credHelpers": {"one.example.org": "missing"},
               "auths": {"two.example.org": {"auth": "%s"}}}
              """
                  .formatted(base64("you:there")));

      assertThat(credentials.all(problems::add)).containsOnlyKeys("two.example.org");
      assertThat(problems)
          .singleElement()
          .asString()
          .contains("docker-credential-missing", "one.example.org", "in no directory of PATH");
    }
  }
}
