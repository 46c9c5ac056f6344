/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.slurm.NodeState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that waits on the controller, with commands of Slurm that answer what a test says. */
@EnabledOnOs(OS.LINUX)
class AwaitSlurmTest {

  private final Path directory;
  private int exitStatus;

  AwaitSlurmTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    program("scontrol", "[ $1 = ping ] || echo 'StateSaveLocation = /'");
    program("srun", "exit 0");
    // Line by line what it says of the nodes, the last one for ever.
    program(
        "sinfo",
        """
        case "$*" in
          *Version*) echo n1 mixed 24.11.5
               head -n 1 answers
               [ "$(wc -l < answers)" = 1 ] || sed -i 1d answers ;;
          *%s) echo main up 1-infinite ;;
        esac
        """);
  }

  private void program(String name, String script) throws IOException {
    Files.setPosixFilePermissions(
        Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script),
        PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String await(String... answers) throws Exception {
    Files.writeString(directory.resolve("answers"), String.join("\n", answers) + "\n");
    ProcessBuilder builder =
        new ProcessBuilder(
                "bash",
                "-c",
                Resources.text(SlurmProbe.class, "await-slurm.sh"),
                "await-slurm",
                NodeState.wellPattern())
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.environment().put("PATH", directory + ":/usr/bin:/bin");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(exitStatus);
    return output;
  }

  @Test
  void givesUpOnANodeThatItsEpilogDrains() throws Exception {
    program(
        "sinfo",
        """
        case "$*" in
          *Version*) [ -e ran ] && echo n1 idle+drain 24.11.5 || echo n1 idle 24.11.5 ;;
          *%s) echo main up 1-infinite ;;
          *Reason*) echo n1  idle+drain  Epilog error ;;
        esac
        """);
    program("srun", "touch ran");
    exitStatus = 4;

    assertThat(await()).endsWith("drained n1 idle+drain Epilog error\n");
  }

  @Test
  void givesUpOnJobsThatFailAgainAndAgain() throws Exception {
    program("srun", "echo 'srun: error: n1: task 0: Exited with exit code 1' >&2; exit 1");
    program(
        "sinfo",
        """
        case "$*" in
          *Version*) echo n1 idle 24.11.5 ;;
          *%s) echo main up 1-infinite ;;
          *%T) echo idle ;;
        esac
        """);
    exitStatus = 5;

    assertThat(await()).endsWith("failed main\nsrun: error: n1: task 0: Exited with exit code 1\n");
  }

  @Test
  void waitsForAPartitionThatHasNoRoomYet() throws Exception {
    program(
        "srun",
        """
        echo x >> tries
        [ "$(wc -l < tries)" -gt 5 ] || { echo 'srun: Unable to allocate resources' >&2; exit 1; }
        """);
    program(
        "sinfo",
        """
        case "$*" in
          *Version*) echo n1 idle 24.11.5 ;;
          *%s) echo main up 1-infinite ;;
          *%T) echo idle ;;
        esac
        """);

    assertThat(await()).endsWith("reached a job ran on partition main\n");
  }

  @Test
  void waitsForNodesUntilTheyWork() throws Exception {
    assertThat(await("n2 unknown N/A", "n2 down+not_responding N/A", "n2 idle 24.11.5"))
        .isEqualTo(
            """
            reached slurmctld answers
            missing n2 unknown N/A
            missing n2 down+not_responding N/A
            reached all nodes work: 2
            reached a job ran on partition main
            """);
  }

  @Test
  void nodeThatIsPlannedOrCompletingWorks() throws Exception {
    assertThat(await("n2 idle+planned 24.11.5", "n2 mixed+completing 24.11.5"))
        .doesNotContain("missing");
  }

  @Test
  void nodeThatHasAnsweredButNotRegisteredDoesNotWorkYet() throws Exception {
    assertThat(await("n2 idle N/A", "n2 mixed N/A", "n2 mixed 22.05.8"))
        .contains("missing n2 idle N/A\n", "missing n2 mixed N/A\n", "reached all nodes work: 2\n");
  }

  @Test
  void goesOnWhenOnlyOthersMayHaveJobsOnAPartition() throws Exception {
    program(
        "srun",
        """
        case "$*" in
          *admins*) echo 'srun: error: Unable to allocate resources: Access/permission denied' >&2; exit 1 ;;
          *--nodes=4\\ --ntasks=4*) ;;
          *) exit 1 ;;
        esac
        """);
    program(
        "sinfo",
        """
        case "$*" in
          *Version*) echo n1 idle 24.11.5 ;;
          *%s) printf 'admins up 1-infinite\\nlarge up 4-8\\nclosed inact 1\\n' ;;
          *%T) echo idle ;;
        esac
        """);

    assertThat(await())
        .endsWith(
            """
            reached partition admins takes no job of this user: srun: error: Unable to allocate resources: Access/permission denied
            reached a job ran on partition large
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Job's account not permitted to use this partition (gpu allows physics not default)",
        "Job's QOS not permitted to use this partition (gpu allows long not normal)",
        "Invalid account or account/partition combination specified",
        "Invalid qos specification",
        "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
      })
  void goesOnWhenAccountOrQosMayNotHaveJobsOnAPartition(String refusal) throws Exception {
    program(
        "srun",
        """
        case "$*" in
          *gpu*) cat <<'END' >&2; exit 1 ;;
        srun: error: Unable to allocate resources: %s
        END
        esac
        """
            .formatted(refusal));
    program("squeue", "[ ! -e counted ] || exit 0; : >counted; echo 7");
    program(
        "sinfo",
        """
        case "$*" in
          *Version*) echo n1 idle 24.11.5 ;;
          *%s) printf 'gpu up 1-infinite\\nmain up 1-infinite\\n' ;;
          *%T) echo idle ;;
        esac
        """);

    assertThat(await())
        .endsWith(
            """
            reached partition gpu takes no job of this user: srun: error: Unable to allocate resources: %s
            reached a job ran on partition main
            """
                .formatted(refusal));
  }

  @Test
  void doesNotWaitForAbsentNodes() throws Exception {
    program("srun", "exit 0");
    program(
        "sinfo",
        """
        case "$*" in
          *Version*)
            printf '%-64s%-255s%-255s%-255s\\n' none n1 idle 24.11.5 absent n2 down N/A 'Not responding' n3 idle 24.11.5 ;;
          *%s) echo main up 1-infinite ;;
        esac
        """);

    assertThat(await()).contains("reached all nodes work: 2\n");
  }
}
