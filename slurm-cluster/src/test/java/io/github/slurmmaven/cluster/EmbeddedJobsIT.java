/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import net.schmizz.sshj.userauth.UserAuthException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** What jobs see of nodes that are processes of this machine. */
@Tag("embedded")
@ParameterizedClass(name = "{0}")
@Releases.All
class EmbeddedJobsIT extends JobsContract {

  EmbeddedJobsIT(SlurmVersion version) {
    super(TestBackend.EMBEDDED, version);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.EMBEDDED, version, "");
  }

  @Override
  String user() {
    try {
      return Files.getOwner(Path.of("/proc/self")).getName();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  String home() {
    return cluster().directory().resolve("home").toString();
  }

  @Test
  void writesOutputOfJobsIntoTheClustersHome() throws IOException {
    try (SlurmShell shell = login()) {
      String job = shell.ok("sbatch --parsable --output=here-%j.txt --wrap 'echo here'");
      shell.awaitState(job, "COMPLETED");

      assertThat(Path.of(home(), "here-" + job + ".txt")).content().isEqualTo("here\n");
    }
  }

  @Test
  void logsInWithAPasswordOfThisClusterAlone() throws IOException {
    Connection connection = cluster().connection().orElseThrow();

    assertThat(connection.sshPassword().orElseThrow()).hasSizeGreaterThan(20);
    assertThatThrownBy(() -> SlurmShell.withPassword(connection, "slurm"))
        .isInstanceOf(UserAuthException.class);
    assertThat(permissions("secrets/password")).isEqualTo("rw-------");
    assertThat(permissions("")).isEqualTo("rwx------");
  }

  private static String permissions(String file) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(cluster().directory().resolve(file)));
  }

  @Test
  void keepsItsEnvironmentFromLoginsAndJobs() throws IOException {
    try (SlurmShell shell = login()) {
      assertThat(shell.ok("env")).doesNotContain("MAVEN", "JAVA_", "LD_PRELOAD", "LD_LIBRARY_PATH");
      assertThat(shell.ok("srun env")).doesNotContain("LD_PRELOAD", "LD_LIBRARY_PATH");
    }
  }

  @Test
  void findsSlurmsCommandsInAJobWithoutAnEnvironment() throws IOException {
    try (SlurmShell shell = login()) {
      assertThat(batch(shell, "--export=NONE", "srun echo step")).isEqualTo("step");
    }
  }

  @Test
  void listensOnLoopbackAlone() throws IOException {
    List<Long> all =
        Leftovers.processesOf(cluster().directory()).stream()
            .map(process -> Long.parseLong(process.substring(0, process.indexOf(' '))))
            .toList();

    assertThat(ListeningSockets.of(all))
        .isNotEmpty()
        .allSatisfy(address -> assertThat(address).startsWith("127.0.0.1:"));
  }
}
