/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of a cluster's directory that are missing, empty or cut off, as a killed build leaves. */
@Timeout(120)
class DamagedDirectoryTest {

  enum Damage {
    MISSING {
      @Override
      void to(Path file) throws IOException {
        Files.delete(file);
      }
    },
    EMPTY {
      @Override
      void to(Path file) throws IOException {
        Files.write(file, new byte[0]);
      }
    },
    CUT_OFF {
      @Override
      void to(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(content, content.length / 3));
      }
    };

    abstract void to(Path file) throws IOException;
  }

  private final FakeBackend backend = new FakeBackend();
  private final ClusterRequest request;
  private final SlurmCluster cluster;

  DamagedDirectoryTest(@TempDir Path directory) {
    request = backend.cluster(directory).build();
    cluster = request.cluster();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private List<Path> files() {
    try (Stream<Path> all = Files.walk(cluster.directory())) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertNothingIsLeft() {
    assertThat(backend.engine.isEmpty()).isTrue();
    assertThat(cluster.directory()).doesNotExist();
    assertThat(cluster.directory().getParent()).doesNotExist();
  }

  /** Starts, and expects either a usable cluster or a mistake that names file and remedy. */
  private void startHealsOrSaysWhatToDo(Path damaged) {
    try {
      request.start();
    } catch (UserMistakeException e) {
      assertThat(e.getMessage())
          .contains(damaged.getFileName().toString())
          .containsAnyOf("slurm:destroy", "slurm:start", "slurm:create -Dslurm.force");
      return;
    }
    assertThat(backend.progress.steps()).last().asString().contains("is ready after");
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void eachFileOfAStoppedClusterIsHealedOrNamed(Damage damage) throws IOException {
    request.start();
    cluster.stop();
    for (Path file : files()) {
      damage.to(file);

      startHealsOrSaysWhatToDo(file);

      cluster.destroy();
      assertNothingIsLeft();
      request.start();
      cluster.stop();
    }
    cluster.destroy();
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void eachFileOfARunningClusterIsHealedOrNamed(Damage damage) throws IOException {
    request.start();
    for (Path file : files()) {
      damage.to(file);

      startHealsOrSaysWhatToDo(file);

      cluster.destroy();
      assertNothingIsLeft();
      request.start();
    }
    cluster.destroy();
  }

  static Stream<List<String>> lost() {
    return Stream.of(
        List.of("ssh"),
        List.of("secrets"),
        List.of("ssh", "secrets"),
        List.of("ssh", "secrets", "config"),
        List.of("ssh", "secrets", "config", "cluster.yaml", "docker-compose.yml", ".env"),
        List.of(".rendered"),
        List.of(".rendered", "ssh"),
        List.of(".rendered", "secrets"),
        List.of(".rendered", ".gitignore"));
  }

  @ParameterizedTest
  @MethodSource("lost")
  void wholePartsThatAreMissingAreMadeAnew(List<String> lost) throws IOException {
    request.start();
    cluster.stop();
    for (String name : lost) {
      FileTrees.delete(cluster.directory().resolve(name));
    }

    request.start();

    cluster.destroy();
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @MethodSource("lost")
  void destroyWorksWithoutThem(List<String> lost) throws IOException {
    request.start();
    for (String name : lost) {
      FileTrees.delete(cluster.directory().resolve(name));
    }

    cluster.destroy();

    assertNothingIsLeft();
  }

  @Test
  void damagedFilesAreNamed() throws IOException {
    request.create();
    Files.delete(cluster.directory().resolve("ssh/id_ed25519"));
    Files.write(cluster.directory().resolve("config/slurm.conf"), new byte[0]);

    request.start();

    assertThat(backend.progress.warnings())
        .contains(
            "Some files of cluster slurm-test in %s were missing or empty, and are made anew: config/slurm.conf, ssh/id_ed25519"
                .formatted(cluster.directory()));
  }

  @Test
  void editsByHandStayWhenAnotherFileIsHealed() throws IOException {
    request.create();
    Path configuration = cluster.directory().resolve("config/slurm.conf");
    Files.writeString(configuration, Files.readString(configuration) + "# mine\n");
    Files.delete(cluster.directory().resolve("config/gres.conf"));

    request.start();

    assertThat(configuration).content().endsWith("# mine\n");
    assertThat(cluster.directory().resolve("config/gres.conf")).exists();
  }

  @Test
  void aNewKeyReachesNodesThatRanBefore() throws IOException {
    request.start();
    String before = started();
    Files.delete(cluster.directory().resolve("ssh/id_ed25519"));

    request.start();

    assertThat(started()).isNotEqualTo(before);
  }

  private String started() {
    return backend.engine.listContainers(Map.of()).stream()
        .map(container -> backend.engine.inspectContainer(container.id()).startedAt().toString())
        .sorted()
        .toList()
        .toString();
  }

  @Test
  void whatARemovalThatWasKilledLeftIsRemovedByTheNext() throws IOException {
    request.create();
    Path left = cluster.directory().resolveSibling(".slurm-test.removed");
    Files.createDirectories(left.resolve("secrets"));
    Files.writeString(left.resolve("secrets/munge.key"), "old");

    assertThat(Clusters.nearest(cluster.directory().getParent())).hasSizeLessThanOrEqualTo(1);
    cluster.destroy();

    assertNothingIsLeft();
  }

  @Test
  void whatARemovalThatWasKilledLeftIsRemovedByTheNextStart() throws IOException {
    Path left = cluster.directory().resolveSibling(".slurm-test.removed");
    Files.createDirectories(left.resolve("secrets"));
    Files.writeString(left.resolve("secrets/munge.key"), "old");

    request.start();

    assertThat(left).doesNotExist();
    cluster.destroy();
    assertNothingIsLeft();
  }

  @Test
  void aDirectoryOfSomebodyElseIsKept() throws IOException {
    Path file = cluster.directory().resolve("docker-compose.yml");
    Files.createDirectories(cluster.directory());
    Files.writeString(file, "services: {}\n");

    assertThatThrownBy(cluster::destroy)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("contains files that are not a cluster's");

    assertThat(file).hasContent("services: {}");
  }
}
