/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileTrees;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files of a cluster without containers that are missing, empty or cut off, beside those that
 * {@link DamagedDirectoryTest} damages: what only such a cluster has.
 */
@Tag("embedded")
@Timeout(600)
@Tag("slow")
class EmbeddedDamagedDirectoryIT {

  /** Files that only such a cluster has, and that its start or its processes read. */
  private static final List<String> FILES =
      List.of(
          "bin/task-prolog",
          "home/.profile",
          "run/munged.pid",
          "run/profile",
          "run/sshd.port",
          "run/sshd.properties",
          "run/started-with",
          "secrets/munge.key",
          "secrets/password",
          "supervisor.lock",
          "supervisor.plan",
          "supervisor.state");

  /** What can be missing, but neither empty nor cut off: directories, links and sockets. */
  private static final List<String> OTHERS =
      List.of(
          "bin",
          "bundle",
          "gpu",
          "home",
          "log",
          "nodes",
          "run",
          "run/munge.socket",
          "spool",
          "state",
          "supervisor.control");

  /** Short, and this class's own, so that nothing else is in it at the end. */
  private static final Path OUTPUT =
      Path.of("/tmp", "d-" + UUID.randomUUID().toString().substring(0, 6));

  private static final int KILLS_OF_EACH_KIND = 5;

  private final RecordingProgress progress = new RecordingProgress();
  private final ClusterRequest request = builder().build();
  private final SlurmCluster cluster = request.cluster();
  private final ClusterRequest byHand = builder().owner(Owner.byHand()).build();

  private ClusterRequest.Builder builder() {
    return TestBackend.EMBEDDED.cluster("damaged").outputDirectory(OUTPUT).progress(progress);
  }

  @BeforeAll
  static void requireBundles() {
    TestBackend.EMBEDDED.require();
  }

  @AfterEach
  void remove() {
    byHand.cluster().destroy();
    assertNothingIsLeft();
  }

  private static List<String> rows(DamagedDirectoryTest.Damage damage) {
    return damage == DamagedDirectoryTest.Damage.MISSING
        ? Stream.concat(FILES.stream(), OTHERS.stream()).toList()
        : FILES;
  }

  private void damage(String name, DamagedDirectoryTest.Damage damage) throws IOException {
    Path path = cluster.directory().resolve(name);
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      FileTrees.delete(path);
    } else if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      damage.to(path);
    }
  }

  /** Logs in with the key and the password, and runs a job there. */
  private void assertUsable() throws IOException {
    Connection connection = cluster.connection().orElseThrow();
    try (SlurmShell shell = SlurmShell.withKey(connection)) {
      assertThat(shell.ok("bash -lc 'srun sh -c \"echo a job\"'")).contains("a job");
    }
    String password = connection.sshPassword().orElseThrow();
    assertThat(password).isNotEmpty();
    SlurmShell.withPassword(connection, password).close();
  }

  /** Starts, and says what a user sees of it; a mistake names the file and a remedy. */
  private String start(String damaged) throws IOException {
    int before = progress.warnings().size();
    try {
      request.start();
    } catch (UserMistakeException e) {
      assertThat(e.getMessage())
          .contains(Path.of(damaged).getFileName().toString())
          .containsAnyOf("slurm:destroy", "slurm:start", "slurm:create -Dslurm.force");
      cluster.destroy();
      request.start();
      return "refused: " + e.getMessage();
    } catch (RuntimeException e) {
      throw new AssertionError("after damage of " + damaged, e);
    }
    List<String> all = progress.warnings();
    List<String> warnings = all.subList(before, all.size());
    return warnings.isEmpty() ? "healed" : "healed: " + String.join("; ", warnings);
  }

  @ParameterizedTest
  @EnumSource(DamagedDirectoryTest.Damage.class)
  void eachFileOfARunningClusterIsHealedOrNamed(DamagedDirectoryTest.Damage damage)
      throws IOException {
    request.start();
    for (String name : rows(damage)) {
      damage(name, damage);

      String outcome = start(name);

      System.out.println(damage + " while it runs, " + name + ": " + outcome);
      assertUsable();
    }
  }

  @ParameterizedTest
  @EnumSource(DamagedDirectoryTest.Damage.class)
  void allFilesOfAStoppedClusterAreHealedAtOnce(DamagedDirectoryTest.Damage damage)
      throws IOException {
    request.start();
    cluster.stop();
    for (String name : rows(damage)) {
      damage(name, damage);
    }

    String outcome = start("all");

    System.out.println(damage + " while it is stopped, all: " + outcome);
    assertUsable();
  }

  static Stream<List<String>> lost() {
    return Stream.of(
        List.of("supervisor.lock"),
        List.of("supervisor.control"),
        List.of("supervisor.control", "supervisor.state"),
        List.of("bundle"),
        List.of("run", "spool", "state"),
        Stream.concat(FILES.stream(), OTHERS.stream()).toList());
  }

  @ParameterizedTest
  @MethodSource("lost")
  void destroyWorksWithoutThem(List<String> lost) throws IOException {
    request.start();
    for (String name : lost) {
      damage(name, DamagedDirectoryTest.Damage.MISSING);
    }

    cluster.destroy();

    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() {
    Leftovers.assertNoneOf(cluster);
    assertThat(OUTPUT).doesNotExist();
  }

  /** As a destroy or stop that is killed leaves it. */
  @Test
  void startWaitsForAnEndThatHasBegun() throws IOException {
    request.start();
    Files.writeString(cluster.directory().resolve("supervisor.control"), "killed stop\n");

    request.start();

    assertUsable();
  }

  /**
   * A process that is killed during its destroy, at random moments of it, half of them in its last
   * quarter, where files are removed. Whatever the moment, the next start is healthy.
   */
  @Test
  void startIsHealthyAfterADestroyThatWasKilled() throws Exception {
    String given = System.getenv("KILLS_SEED");
    long seed = given == null ? System.nanoTime() : Long.parseLong(given);
    System.out.println("Killed destroys begin: KILLS_SEED=" + seed);
    Random random = new Random(seed);
    for (DestroyEmbedded.Owned owned : DestroyEmbedded.Owned.values()) {
      prepare(owned);
      long nanos = new Destroy(owned).nanos();
      for (int kill = 0; kill < KILLS_OF_EACH_KIND; kill++) {
        double moment = random.nextDouble();
        if (kill % 2 == 1) {
          moment = 0.75 + moment / 4;
        }
        boolean killed = false;
        for (int attempt = 1; !killed; attempt++) {
          assertThat(attempt).as("destroys that came to their end first").isLessThan(6);
          prepare(owned);
          killed = new Destroy(owned).killedAfter((long) (moment * nanos));

          byHand.start();

          assertThat(byHand.directory().resolve("ssh/id_ed25519")).isNotEmptyFile();
          assertUsable();
          moment = attempt < 4 ? moment / 2 : 0;
        }
      }
    }
    byHand.cluster().destroy();
    assertNothingIsLeft();
  }

  /** By hand, the cluster is there before; a build starts its own. */
  private void prepare(DestroyEmbedded.Owned owned) {
    if (owned == DestroyEmbedded.Owned.BY_HAND) {
      byHand.start();
    } else {
      byHand.cluster().destroy();
    }
  }

  /** A process that destroys the cluster. */
  private static final class Destroy {

    private final Process process;
    private final BufferedReader output;

    Destroy(DestroyEmbedded.Owned owned) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin/java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  DestroyEmbedded.class.getName(),
                  OUTPUT.toString(),
                  "damaged",
                  owned.name())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      output = process.inputReader();
      assertThat(output.readLine()).isEqualTo("destroying");
    }

    /** How long it takes when it is not killed. */
    long nanos() throws Exception {
      long begin = System.nanoTime();
      assertThat(output.readLine()).isEqualTo("destroyed");
      long nanos = System.nanoTime() - begin;
      assertThat(process.waitFor()).isZero();
      return nanos;
    }

    /** Whether the kill came before its end. */
    boolean killedAfter(long nanos) throws Exception {
      TimeUnit.NANOSECONDS.sleep(nanos);
      process.toHandle().destroyForcibly();
      process.waitFor();
      return output.readLine() == null;
    }
  }
}
