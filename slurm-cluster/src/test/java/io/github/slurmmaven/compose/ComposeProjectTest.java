/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.compose.ComposeService.Mount;
import io.github.slurmmaven.compose.ComposeService.NetworkAttachment;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A Compose project")
class ComposeProjectTest {

  private static final String ONE_SERVICE = "services: {a: {image: i}}\n";

  @Nested
  @DisplayName("has names as Compose makes them:")
  class Names {

    @ParameterizedTest
    @CsvSource({"demo,demo", "My Project.1,myproject1", "_x_y-,x_y-", "--a,a", "Ümlaut,mlaut"})
    void projectOfDirectory(String directory, String name, @TempDir Path parent) {
      assertThat(new ProjectDirectory(parent, directory).compose(ONE_SERVICE).read().name())
          .isEqualTo(name);
    }

    @Test
    void projectOfFile(@TempDir Path parent) {
      ComposeProject project =
          new ProjectDirectory(parent).compose("name: my_own-1\n" + ONE_SERVICE).read();

      assertThat(project.name()).isEqualTo("my_own-1");
      assertThat(project.services())
          .hasEntrySatisfying("a", a -> assertThat(a.containerName()).isEqualTo("my_own-1-a-1"));
      assertThat(project.networks())
          .containsExactly(
              Map.entry(
                  "default",
                  new ComposeNetwork(
                      "default",
                      "my_own-1_default",
                      false,
                      "bridge",
                      Optional.empty(),
                      Optional.empty(),
                      Map.of())));
    }

    @Test
    void projectOfOverrideIsStronger(@TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent)
                  .compose("name: one\n" + ONE_SERVICE)
                  .override("name: two\n")
                  .read()
                  .name())
          .isEqualTo("two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Demo", "-demo", "a b", "''"})
    void projectIsChecked(String name, @TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent).compose("name: " + name + "\n" + ONE_SERVICE).mistake())
          .startsWith("docker-compose.yml, line 1: name: '" + name.replace("'", ""))
          .contains("is not a project name: use lower-case letters, digits, - and _");
    }

    @Test
    void noneForDirectoryWithoutLetters(@TempDir Path parent) {
      assertThat(new ProjectDirectory(parent, "---").compose(ONE_SERVICE).mistake())
          .contains("no project name can be made of the directory")
          .endsWith("add name: to docker-compose.yml");
    }

    @Test
    void twoServicesWithOneContainerName(@TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent)
                  .compose(
                      """
                      services:
                        a: {image: i, container_name: same}
                        b: {image: i, container_name: same}
                      """)
                  .mistake())
          .isEqualTo(
              "docker-compose.yml, line 3: services.b has the container name same, which"
                  + " services.a has, too");
    }
  }

  @Nested
  @DisplayName("consists of files:")
  class OnDisk {

    @Test
    void noFile(@TempDir Path parent) {
      assertThatThrownBy(() -> ComposeProject.read(parent, Map.of()))
          .hasMessage("there is no docker-compose.yml in " + parent);
    }

    @Test
    void inTheOrderOfMerging(@TempDir Path parent) {
      ProjectDirectory directory =
          new ProjectDirectory(parent).compose(ONE_SERVICE).override(ONE_SERVICE);

      assertThat(directory.read().files())
          .containsExactly(
              directory.path().resolve("docker-compose.yml"),
              directory.path().resolve("docker-compose.override.yml"));
      assertThat(directory.read().directory()).isEqualTo(directory.path()).isAbsolute();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "compose.yaml",
          "compose.yml",
          "compose.override.yml",
          "compose.override.yaml",
          "docker-compose.override.yaml"
        })
    void anotherThatComposeWouldRead(String name, @TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent).compose(ONE_SERVICE).file(name, ONE_SERVICE).mistake())
          .contains(name + " is not read by slurm-maven-plugin, though 'docker compose' reads it")
          .endsWith("or remove it");
    }

    @Test
    void notAFile(@TempDir Path parent) throws Exception {
      Files.createDirectories(parent.resolve("demo/docker-compose.yml"));

      assertThat(new ProjectDirectory(parent).mistake())
          .endsWith("docker-compose.yml is not a file");
    }

    @Test
    void tooLarge(@TempDir Path parent) {
      assertThat(new ProjectDirectory(parent).compose("#".repeat((1 << 20) + 1)).mistake())
          .contains("docker-compose.yml is larger than 1 MiB");
    }

    @Test
    void largeButAllowed(@TempDir Path parent) {
      String comment = "#".repeat((1 << 20) - ONE_SERVICE.length());
      assertThat(new ProjectDirectory(parent).compose(ONE_SERVICE + comment).read().services())
          .containsOnlyKeys("a");
    }

    @Test
    void notText(@TempDir Path parent) throws Exception {
      ProjectDirectory directory = new ProjectDirectory(parent).compose(ONE_SERVICE);
      Files.write(directory.path().resolve("docker-compose.yml"), new byte[] {'a', (byte) 0xff});

      assertThat(directory.mistake()).endsWith("docker-compose.yml is not a text in UTF-8");
    }

    @Test
    void withByteOrderMarkAndWindowsLineEnds(@TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent)
                  .compose("\uFEFFservices:\r\n  a:\r\n    image: i\r\n")
                  .readService("a")
                  .image())
          .isEqualTo("i");
    }
  }

  @Nested
  @DisplayName("has networks and volumes:")
  class Resources {

    @Test
    void onlyThoseInUse(@TempDir Path parent) {
      ComposeProject project =
          new ProjectDirectory(parent)
              .compose(
                  """
                  services:
                    a: {image: i, networks: [n], volumes: ["vol:/v"]}
                  networks: {unused: , n: }
                  volumes: {unused: , vol: }
                  """)
              .read();

      assertThat(project.networks()).containsOnlyKeys("n");
      assertThat(project.volumes())
          .containsExactly(Map.entry("vol", new ComposeVolume("vol", "demo_vol", false, Map.of())));
    }

    @Test
    void serviceKnowsThemByTheirNamesAtTheEngine(@TempDir Path parent) {
      ComposeService service =
          new ProjectDirectory(parent)
              .compose(
                  """
                  services:
                    a:
                      image: i
                      networks: {n: {aliases: [x], ipv4_address: 10.9.0.5}}
                      volumes: ["vol:/v:ro"]
                  networks: {n: {name: real-n, ipam: {config: [{subnet: 10.9.0.0/24}]}}}
                  volumes: {vol: {external: true}}
                  """)
              .readService("a");

      assertThat(service.networks())
          .containsExactly(new NetworkAttachment("real-n", List.of("x"), Optional.of("10.9.0.5")));
      assertThat(service.mounts()).containsExactly(new Mount(Mount.Kind.VOLUME, "vol", "/v", true));
    }

    @Test
    void oneAddressForTwoServices(@TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent)
                  .compose(
                      """
                      services:
                        a: {image: i, networks: {default: {ipv4_address: 10.9.0.5}}}
                        b: {image: i, networks: {default: {ipv4_address: 10.9.0.5}}}
                      networks: {default: {ipam: {config: [{subnet: 10.9.0.0/24}]}}}
                      """)
                  .mistake())
          .isEqualTo(
              "docker-compose.yml, line 3: services.b has the address 10.9.0.5 in the network"
                  + " demo_default, which services.a has, too");
    }

    @Test
    void orderIsThatOfTheFiles(@TempDir Path parent) {
      ComposeProject project =
          new ProjectDirectory(parent)
              .compose("services: {z: {image: i}, a: {image: i}, m: {image: i}}")
              .override("services: {b: {image: i}, a: {image: j}}")
              .read();

      assertThat(project.services()).containsOnlyKeys("z", "a", "m", "b");
      assertThat(project.services().keySet()).containsExactly("z", "a", "m", "b");
    }
  }

  @Nested
  @DisplayName("mounts paths of the host:")
  class HostPaths {

    @Test
    void relativeToTheDirectory(@TempDir Path parent) {
      ProjectDirectory directory =
          new ProjectDirectory(parent).service("volumes: ['.:/a', './x/../y:/b', '../z:/c']");

      assertThat(directory.readService("a").mounts())
          .extracting(Mount::source)
          .containsExactly(
              directory.path().toString(),
              directory.path().resolve("y").toString(),
              parent.resolve("z").toString());
    }

    @Test
    void relativeToHome(@TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent)
                  .variable("HOME", "/home/me")
                  .service("volumes: ['~:/a', '~/x:/b']")
                  .readService("a")
                  .mounts())
          .extracting(Mount::source)
          .containsExactly("/home/me", "/home/me/x");
    }

    @Test
    void noHome(@TempDir Path parent) {
      assertThat(new ProjectDirectory(parent).service("volumes: ['~/x:/b']").mistake())
          .isEqualTo(
              "docker-compose.yml, line 4: services.a.volumes[0]: '~/x' needs the variable HOME,"
                  + " which is not set");
    }

    @Test
    void ofWindows(@TempDir Path parent) {
      assertThat(
              new ProjectDirectory(parent)
                  .service("volumes: ['C:\\work\\x:/b:ro', 'd:/data:/c']")
                  .readService("a")
                  .mounts())
          .containsExactly(
              new Mount(Mount.Kind.BIND, "C:\\work\\x", "/b", true),
              new Mount(Mount.Kind.BIND, "d:/data", "/c", false));
    }
  }

  @Test
  @DisplayName("cannot mount a volume of one letter, which is a drive to Compose")
  void driveOrVolume(@TempDir Path parent) {
    assertThat(
            new ProjectDirectory(parent)
                .compose("services: {a: {image: i, volumes: ['d:/data']}}\nvolumes: {d: }\n")
                .mistake())
        .isEqualTo(
            "docker-compose.yml, line 1: services.a.volumes[0]: 'd:/data' is a Windows path to Compose: give the volume a name of two letters or more");
  }

  @Test
  @DisplayName("cannot be changed")
  void immutable(@TempDir Path parent) {
    ComposeProject project = new ProjectDirectory(parent).compose(ONE_SERVICE).read();

    assertThatThrownBy(() -> project.services().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> project.networks().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
