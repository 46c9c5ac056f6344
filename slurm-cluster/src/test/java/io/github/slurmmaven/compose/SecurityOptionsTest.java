/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("security_opt")
class SecurityOptionsTest {

  private final ProjectDirectory project;

  SecurityOptionsTest(@TempDir Path directory) {
    project = new ProjectDirectory(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"seccomp=profile.json", "seccomp:./profile.json"})
  void namesAProfileByItsFile(String option) {
    project.file("profile.json", "{\n  \"defaultAction\": \"SCMP_ACT_ALLOW\"\n}\n");

    assertThat(project.service("security_opt: ['" + option + "']").readService("a").securityOpt())
        .containsExactly("seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
  }

  @Test
  void otherOptionsAreNotChanged() {
    assertThat(
            project
                .service(
                    "security_opt: [seccomp=unconfined, apparmor=unconfined,"
                        + " no-new-privileges:true, seccomp=unconfined]")
                .readService("a")
                .securityOpt())
        .containsExactly("seccomp=unconfined", "apparmor=unconfined", "no-new-privileges:true");
  }

  @Test
  void anotherProfileIsAnotherContainer() {
    project.service("security_opt: [seccomp=profile.json]");
    String before = project.file("profile.json", "{\"a\": 1}").readService("a").digest();

    assertThat(project.file("profile.json", "{\"a\": 2}").readService("a").digest())
        .isNotEqualTo(before);
  }

  @Test
  void tellsWhereAProfileIsMissingOrIsNone() {
    project.service("security_opt: [seccomp=profile.json]");
    assertThat(project.mistake())
        .startsWith("docker-compose.yml, line 4: services.a.security_opt")
        .contains("'profile.json' is not a seccomp profile: ", "profile.json is not a file");

    project.file("profile.json", "{");
    assertThat(project.mistake()).contains("'profile.json' is not a seccomp profile: Unexpected");
  }
}
