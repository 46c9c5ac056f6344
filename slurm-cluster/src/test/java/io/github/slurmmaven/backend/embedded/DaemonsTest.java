/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.backend.embedded.ClusterIndex.NodeEntry;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan.Daemon;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan.Readiness;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.embedded.SshServerCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonsTest {

  private final Path directory = Path.of("/clusters/c");
  private final SshServerCommand sshServer;

  DaemonsTest(@TempDir Path cache) throws IOException {
    sshServer = SshServerCommand.in(cache);
  }

  private List<Daemon> daemons(String preset) {
    return daemons(new TestParameters().with("preset", preset));
  }

  private List<Daemon> daemons(TestParameters parameters) {
    return new Daemons(
            new Layout(directory), Path.of("/tmp/short"), Map.of("SLURM_CONF", "/c"), sshServer, 0)
        .of(parameters.toDefinition());
  }

  private static Daemon daemon(List<Daemon> daemons, String name) {
    return daemons.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void nodesWaitForTheControllerAndNothingWaitsForSsh() {
    List<Daemon> daemons = daemons("multi-node");

    assertThat(daemon(daemons, "sshd").after()).isEmpty();
    assertThat(daemon(daemons, "munged").after()).isEmpty();
    assertThat(daemon(daemons, "slurmctld").after()).containsExactly("munged");
    assertThat(daemon(daemons, "slurmd-compute-0").after()).containsExactly("slurmctld");
    assertThat(daemon(daemons, "slurmd-compute-1").after()).containsExactly("slurmctld");
  }

  @ParameterizedTest
  @CsvSource({"false, 'slurmctld,v0.0.38'", "true, 'dbv0.0.38,slurmctld,slurmdbd,v0.0.38'"})
  void slurmrestdHasWhatTheReleaseHasAndTheClusterNeeds(
      boolean accounting, String plugins, @TempDir Path cluster) throws IOException {
    Path bundle = Files.createDirectories(cluster.resolve("bundle/lib/slurm"));
    for (String name : List.of("v0_0_38", "dbv0_0_38", "slurmctld", "slurmdbd")) {
      Files.createFile(bundle.resolve("openapi_" + name + ".so"));
    }
    Files.createFile(bundle.resolve("auth_jwt.so"));

    Daemon slurmrestd =
        daemon(
            new Daemons(new Layout(cluster), cluster, Map.of("SLURM_CONF", "/c"), sshServer, 6820)
                .of(new TestParameters().with("accounting", accounting).toDefinition()),
            "slurmrestd");

    assertThat(slurmrestd.command())
        .endsWith("-s", plugins, "-a", "rest_auth/jwt", "127.0.0.1:6820");
    assertThat(slurmrestd.environment()).containsEntry("SLURM_JWT", "daemon");
  }

  @Test
  void slurmctldWaitsForSlurmdbdAndThatForTheDatabase() {
    List<Daemon> daemons = daemons(new TestParameters().with("accounting", true));

    assertThat(daemon(daemons, "mariadbd").after()).isEmpty();
    assertThat(daemon(daemons, "slurmdbd").after()).containsExactly("munged", "mariadbd");
    assertThat(daemon(daemons, "slurmctld").after()).containsExactly("munged", "slurmdbd");
    assertThat(daemon(daemons, "mariadbd").readiness())
        .isEqualTo(new Readiness.Exists(Path.of("/tmp/short/run/slurm-accounting/database")));
    assertThat(daemons("cpu")).extracting(Daemon::name).doesNotContain("mariadbd", "slurmdbd");
  }

  @Test
  void controllersDaemonsShareALog() {
    List<Daemon> daemons = daemons("multi-node");

    assertThat(daemon(daemons, "slurmctld").log())
        .isEqualTo(Path.of("/clusters/c/log/controller.log"));
    assertThat(daemon(daemons, "sshd").log()).isEqualTo(daemon(daemons, "slurmctld").log());
    assertThat(daemon(daemons, "munged").log()).isEqualTo(daemon(daemons, "slurmctld").log());
    assertThat(daemon(daemons, "slurmd-compute-1").log())
        .isEqualTo(Path.of("/clusters/c/log/compute-1.log"));
  }

  @Test
  void socketHasTheShortPath() {
    assertThat(daemon(daemons("cpu"), "munged").command())
        .contains("--socket=/tmp/short/run/munge.socket");
  }

  @Test
  void archiveIsMadeOnceAndLast() throws Exception {
    assertThat(daemon(daemons("cpu"), Daemons.SSH_ARCHIVE).after())
        .containsExactlyInAnyOrder("sshd", "munged", "slurmctld", "slurmd-slurm");

    Files.createFile(sshServer.archive());

    assertThat(daemons("cpu")).extracting(Daemon::name).doesNotContain(Daemons.SSH_ARCHIVE);
  }

  @Test
  void nodeIsWhatItsRoleSays() {
    assertThat(Daemons.of(new NodeEntry("a", Role.COMPUTE))).containsExactly("slurmd-a");
    assertThat(Daemons.of(new NodeEntry("a", Role.CONTROLLER)))
        .containsExactly("slurmctld", "slurmdbd", "mariadbd", "sshd", "munged");
    assertThat(Daemons.of(new NodeEntry("a", Role.ALL_IN_ONE)))
        .containsExactly("slurmctld", "slurmd-a", "slurmdbd", "mariadbd", "sshd", "munged");
    assertThat(Daemons.nodeOf("slurmd-a-b")).hasValue("a-b");
    assertThat(Daemons.nodeOf("slurmctld")).isEmpty();
  }
}
