/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Accounting in the controller's container. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.All
class DockerAccountingIT extends AccountingContract {

  DockerAccountingIT(SlurmVersion version) {
    super(TestBackend.DOCKER);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.DOCKER, version);
  }

  @Override
  String user() {
    return "slurm";
  }

  @Override
  void kill(String daemon) {
    assertThat(asDaemons("kill -9 $(pidof " + daemon + ")")).isZero();
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
}
