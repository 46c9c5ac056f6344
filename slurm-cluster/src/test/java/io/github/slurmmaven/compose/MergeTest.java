/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.compose.ComposeService.Condition;
import io.github.slurmmaven.compose.ComposeService.HealthCheck;
import io.github.slurmmaven.compose.ComposeService.Mount;
import io.github.slurmmaven.compose.ComposeService.NetworkAttachment;
import io.github.slurmmaven.compose.ComposeService.Port;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("docker-compose.override.yml over docker-compose.yml")
class MergeTest {

  private final ComposeProject project =
      ComposeProject.read(ComposeConfig.sample("override"), ComposeConfig.ENVIRONMENT);
  private final ComposeService app = project.services().values().iterator().next();

  @Test
  void replacesSingleValuesAndCommands() {
    assertThat(app.image()).isEqualTo("app:2");
    assertThat(app.command()).contains(List.of("debug"));
    assertThat(app.entrypoint()).contains(List.of("/bin/other", "--flag"));
  }

  @Test
  void mergesMapsByKeyInEachForm() {
    assertThat(app.environment())
        .isEqualTo(Map.of("KEEP", "base", "CHANGE", "over", "ADD", "over"));
    assertThat(app.labels()).isEqualTo(Map.of("keep", "base", "change", "over", "add", "over"));
    assertThat(app.dependsOn()).isEqualTo(Map.of("db", Condition.HEALTHY));
    assertThat(app.networks())
        .containsExactly(
            new NetworkAttachment("override_front", List.of("web"), Optional.empty()),
            new NetworkAttachment("shared-back", List.of(), Optional.empty()));
    assertThat(app.healthcheck())
        .contains(
            new HealthCheck(
                List.of("CMD", "true"),
                Optional.of(Duration.ofSeconds(10)),
                Optional.of(Duration.ofSeconds(2)),
                OptionalInt.of(3),
                Optional.empty()));
    assertThat(app.cpus()).hasValue(0.5);
    assertThat(app.memory()).hasValue(512L << 20);
  }

  @Test
  void appendsListsWithoutRepeating() {
    assertThat(app.ports())
        .containsExactly(
            new Port(Optional.empty(), 8080, 80, "tcp"),
            new Port(Optional.empty(), 9090, 90, "tcp"),
            new Port(Optional.of("127.0.0.1"), 7070, 70, "tcp"));
    assertThat(app.dns()).containsExactly("10.0.0.1", "10.0.0.2");
    assertThat(app.capAdd()).containsExactly("SYS_PTRACE", "NET_ADMIN");
    assertThat(app.extraHosts()).isEqualTo(Map.of("one", "10.0.0.1", "two", "10.0.0.2"));
  }

  @Test
  void mergesMountsByTarget() {
    Path directory = project.directory();
    assertThat(app.mounts())
        .containsExactly(
            new Mount(Mount.Kind.VOLUME, "override_other", "/data", true),
            new Mount(Mount.Kind.BIND, directory.resolve("conf").toString(), "/etc/app", true),
            new Mount(Mount.Kind.BIND, directory.resolve("more").toString(), "/more", false),
            new Mount(Mount.Kind.TMPFS, "", "/run", false),
            new Mount(Mount.Kind.TMPFS, "", "/tmp", false));
    assertThat(project.volumes()).containsOnlyKeys("other");
  }

  @Test
  void addsServicesAndMergesNetworks() {
    assertThat(project.services()).containsOnlyKeys("app", "db", "extra");
    assertThat(project.networks())
        .hasEntrySatisfying(
            "front",
            front -> assertThat(front.labels()).isEqualTo(Map.of("a", "base", "b", "over")));
  }

  @Test
  void bareKeyKeepsWhatIsThere(@TempDir Path parent) {
    ComposeProject merged =
        new ProjectDirectory(parent)
            .compose(
                """
                services: {a: {image: i, networks: {n: {aliases: [x]}}}}
                networks: {n: {name: real}}
                """)
            .override("services: {a: {networks: [n]}}\nnetworks: {n: }\n")
            .read();

    assertThat(merged.services())
        .hasEntrySatisfying(
            "a",
            a ->
                assertThat(a.networks())
                    .containsExactly(
                        new NetworkAttachment("real", List.of("x"), Optional.empty())));
  }

  @Test
  void cannotMergeAListWithAMap(@TempDir Path parent) {
    assertThat(
            new ProjectDirectory(parent)
                .compose("services:\n  a:\n    image: i\n    cap_add: [X]\n")
                .override("services:\n  a:\n    cap_add: {X: y}\n")
                .mistake())
        .isEqualTo(
            "docker-compose.override.yml, line 3: services.a.cap_add is a map here but a list in"
                + " docker-compose.yml, line 4");
  }
}
