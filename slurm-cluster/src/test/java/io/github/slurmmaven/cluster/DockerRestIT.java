/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** slurmrestd in the controller's container. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.All
class DockerRestIT extends RestContract {

  DockerRestIT(SlurmVersion version) {
    super(TestBackend.DOCKER);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.DOCKER, version, "preset: multi-node\nrest: true\nusers: [alice]\n");
  }

  @Test
  void aUsersTokenIsForThatUsersJobs() throws Exception {
    JobId job = submit(rest().as("alice"), "#!/bin/sh\ntrue\n");

    assertThat(job(rest(), job).path("user_name").asText()).isEqualTo("alice");
  }

  @Test
  void slurmrestdHasAUserOfItsOwnAndNoKey() throws IOException {
    try (SlurmShell shell = shell(cluster())) {
      assertThat(shell.ok("ps -o user:32= -C slurmrestd")).isEqualTo("slurmrestd");
      assertThat(shell.run("cat /run/slurm-rest/jwt_hs256.key").stderr())
          .contains("Permission denied");
    }
  }
}
