/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.docker.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Accounting in the controller's container. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.One
class DockerAccountingIT extends AccountingContract {

  /** Users of their own are of containers only. */
  private static final String USERS =
      "  - {name: alice, accounts: [physics], default_qos: low, qos: [low, quick]}\n";

  private final SlurmVersion version;

  DockerAccountingIT(SlurmVersion version) {
    super(TestBackend.DOCKER);
    this.version = version;
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.DOCKER, version, USERS);
  }

  @Override
  String user() {
    return "slurm";
  }

  @Override
  String process(String daemon) {
    return "$(pidof " + daemon + ")";
  }

  @Override
  String accountingRun() {
    return "/run/slurm-accounting";
  }

  @Override
  String databaseLog() {
    return "/var/log/slurm/mariadbd.log";
  }

  @Test
  void theDatabaseIsForItsDaemonsAlone() throws IOException {
    try (SlurmShell shell = shell(cluster())) {
      assertThat(shell.run("ls /run/slurm-accounting").stderr()).contains("Permission denied");
      assertThat(shell.run("ls /var/lib/slurm-accounting").stderr()).contains("Permission denied");
    }
    assertThat(asDaemons("[ $(stat -c %a /run/slurm-accounting/slurmdbd.conf) = 600 ]")).isZero();
    assertThat(asDaemons("! grep -q ':0CEA ' /proc/net/tcp /proc/net/tcp6")).isZero();
  }

  @Override
  void killCluster() throws Exception {
    try (DockerClient engine = RawClient.connect()) {
      String id =
          engine
              .listContainersCmd()
              .withLabelFilter(TestBackend.labels(cluster()))
              .exec()
              .get(0)
              .getId();
      engine.killContainerCmd(id).exec();
      engine
          .waitContainerCmd(id)
          .exec(new WaitContainerResultCallback())
          .awaitStatusCode(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void aSecondUserHasAccountsAndQualitiesOfService() throws IOException {
    String sbatch = "sbatch --parsable --chdir=/ --output=/dev/null --wrap true ";
    try (SlurmShell shell = shell(cluster())) {
      String job = asAlice(sbatch).stdout().strip();
      assertThat(recorded(shell, job, "User,Account,QOS", "COMPLETED"))
          .isEqualTo("COMPLETED|alice|physics|low");
      job = asAlice(sbatch + "--qos=quick --time=5").stdout().strip();
      assertThat(recorded(shell, job, "QOS", "COMPLETED")).isEqualTo("COMPLETED|quick");
    }
    assertThat(asAlice(sbatch + "--qos=single").stderr()).contains("Invalid qos specification");
    assertThat(asAlice(sbatch + "--account=theory").stderr())
        .contains("Invalid account or account/partition combination specified");
  }

  @Test
  void aScriptIsCheckedWithTheRulesOfItsUser() throws IOException {
    Path script = Files.writeString(site.resolve("alice.sh"), "#!/bin/sh\n#SBATCH --qos=single\n");

    assertThat(cluster().check(script, Optional.empty(), List.of()).get(0).isTaken()).isTrue();
    assertThat(cluster().check(script, Optional.of("alice"), List.of()).get(0).answer())
        .contains("Invalid qos specification");
    assertThat(cluster().check(script, Optional.of("alice"), List.of("--qos=low")).get(0).isTaken())
        .isTrue();
  }

  private static CommandResult asAlice(String line) {
    return cluster()
        .run(List.of(), Optional.of("alice"), SlurmCluster.bash(line), Duration.ofMinutes(1))
        .values()
        .iterator()
        .next();
  }

  @Test
  void slurmdbdListensWhereItsConfigurationSays() throws IOException {
    ClusterRequest request =
        own(builder("accounting-port").accounting(true).slurmVersion(version.release()));
    request.create();
    append(request.cluster(), "config/slurmdbd.conf", "DbdPort = 7031\n");
    append(request.cluster(), CONFIG, "AccountingStoragePort=7031\n");

    request.start();

    String records =
        "until sacct --allusers -X -n -P --starttime=now-1hour --format=State | grep COMPLETED; do"
            + " sleep 0.2; done";
    assertThat(request.cluster().run("timeout 60 bash -c '" + records + "'").stdout())
        .contains("COMPLETED");
  }
}
