/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster without JUnit or Maven, as a program has it. */
@Timeout(180)
class ClusterInCodeIT {

  @Test
  @DisplayName("is there for a block, runs commands and jobs, and is gone afterwards")
  void block(@TempDir Path directory) throws IOException {
    Path script =
        Files.writeString(directory.resolve("train.sh"), "#!/bin/sh\ntest \"$1\" = 3 || exit 4\n");
    Path files;
    try (SlurmCluster cluster =
        ClusterRequest.builder()
            .name("in-code")
            .outputDirectory(directory.resolve("clusters"))
            .preset("gpu")
            .nodes(nodes -> nodes.gpusPerNode(2))
            .ssh(ssh -> ssh.port(0))
            .ownedByThisBuild(true)
            .start()) {
      files = cluster.directory();
      assertThat(cluster.run("sinfo --noheader --Node -o '%N %G' | head -1").stdout())
          .matches("slurm gpu:\\S+\\n");
      assertThat(cluster.run(List.of("echo", "a  b", "$HOME")).stdout()).isEqualTo("a  b $HOME\n");
      assertThat(cluster.tryRun("echo no >&2; exit 3")).isEqualTo(new CommandResult(3, "", "no\n"));
      assertThatThrownBy(() -> cluster.run("sinfo --no-such-option"))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContainingAll(
              "On cluster in-code, 'sinfo --no-such-option' ended with exit code 1: ",
              "unrecognized option");

      JobId good = cluster.submit(script, "3");
      JobId bad = cluster.submit(script, "0");
      assertThat(cluster.await(good, Duration.ofSeconds(60)).state()).isEqualTo(JobState.COMPLETED);
      assertThat(cluster.await(bad, Duration.ofSeconds(60)))
          .extracting(Job::state, Job::exit)
          .containsExactly(JobState.FAILED, new Job.Exit(4, 0));
      assertThatThrownBy(() -> cluster.submit(directory.resolve("none.sh")))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("none.sh");
    }
    assertThat(files).doesNotExist();
  }
}
