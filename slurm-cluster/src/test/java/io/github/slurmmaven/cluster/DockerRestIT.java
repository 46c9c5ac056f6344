/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** slurmrestd in the controller's container. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.One
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
  void slurmrestdHasAUserOfItsOwn() throws IOException {
    try (SlurmShell shell = shell(cluster())) {
      assertThat(shell.ok("ps -o user:32= -C slurmrestd")).isEqualTo("slurmrestd");
    }
  }

  /** The files are this machine's user's, who may have the uid of a user of the cluster. */
  @ParameterizedTest
  @ValueSource(strings = {"slurm", "alice", "slurmrestd"})
  void nobodyInTheClusterReadsAKey(String user) {
    assertThat(on("root", "stat", "--format=%U %a", "/run/slurm-cluster").stdout().strip())
        .isEqualTo("root 700");
    for (String key :
        List.of(
            "/run/slurm-rest/jwt_hs256.key",
            "/run/slurm-cluster/secrets/jwt_hs256.key",
            "/run/slurm-cluster/secrets/munge.key")) {
      assertThat(on("root", "test", "-s", key).ok()).as(key).isTrue();
      assertThat(on(user, "cat", key).stderr()).contains(key + ": Permission denied");
    }
  }

  private static CommandResult on(String user, String... command) {
    return cluster()
        .run(List.of("controller"), Optional.of(user), List.of(command), Duration.ofMinutes(1))
        .values()
        .iterator()
        .next();
  }
}
