/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/** Prologs, epilogs and plugins: there before any daemon starts, and named when they are not. */
@Timeout(600)
abstract class EarlyFilesContract extends RealClusters {

  /** What a healthy start calls an error all the same. */
  private static final List<String> EXPECTED_ERRORS =
      List.of(
          // Usage is gathered to enforce --mem, and there is no database to store it in.
          "Job accounting information gathered, but not stored",
          "WARNING: Even though we are collecting accounting information you have asked for it not"
              + " to be stored.*",
          // Slurm looks for the last ids when it gives out the first.
          "Could not open (?:job|reservation) state file .*: No such file or directory",
          "NOTE: Trying backup state save file. (?:Jobs|Reservations) may be lost!?",
          // srun is gone by the time that slurmctld reports its job's end.
          "slurm_send_node_msg: .*SRUN_JOB_COMPLETE\\) failed: .*",
          "slurm_msg_sendto: .* msg_type=7004: .*",
          "slurm_receive_msg \\[[0-9.:]+]: Zero Bytes were transmitted or received",
          // A busy machine.
          "High latency for 1000 calls to gettimeofday.*");

  private static final Pattern ERROR = Pattern.compile("(?m)^.*?\\berror: (.*)$");

  @TempDir Path directory;

  EarlyFilesContract(TestBackend backend) {
    super(backend);
  }

  final ClusterRequest request(SlurmVersion version, String definition) throws IOException {
    Path file = Files.writeString(directory.resolve("own.yaml"), "preset: cpu\n" + definition);
    return own(
        builder("early")
            .definition(file)
            .slurmVersion(version.release())
            .timeout(Duration.ofSeconds(100)));
  }

  private void script(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.setPosixFilePermissions(
        Files.writeString(file, "#!/bin/sh\n" + text),
        PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @Releases.One
  void filesAreThereBeforeDaemonsStart(SlurmVersion version) throws Exception {
    Path seen = Files.createDirectory(directory.resolve("seen"));
    Files.setPosixFilePermissions(seen, PosixFilePermissions.fromString("rwxrwxrwx"));
    String target = backend == TestBackend.DOCKER ? "/seen" : seen.toString();
    script("prolog.sh", "echo \"$SLURM_JOB_ID\" >> %s/prolog\n".formatted(target));
    script("epilog.sh", "echo \"$SLURM_JOB_ID\" >> %s/epilog\n".formatted(target));
    ClusterRequest clusterRequest =
        request(
            version,
            """
            mounts: [{source: seen, target: %s}]
            files:
              - {source: prolog.sh, target: /home/slurm/site/prolog.sh}
              - {source: epilog.sh, target: /etc/slurm/epilog.sh}
            slurm_conf: [Prolog=/home/slurm/site/prolog.sh, Epilog=/etc/slurm/epilog.sh]
            """
                .formatted(target));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.ok("srun echo ran").strip()).isEqualTo("ran");
    }
    // The first job is the one that shows that the cluster works.
    assertThat(seen.resolve("prolog")).content().startsWith("1\n2\n");
    assertThat(seen.resolve("epilog")).content().startsWith("1\n");
  }

  /** Each kind of file that a site has, as its administrator would write it. */
  @ParameterizedTest
  @Releases.All
  void filesOfTheSiteAreUsed(SlurmVersion version) throws Exception {
    Path seen = Files.createDirectory(directory.resolve("seen"));
    Files.setPosixFilePermissions(seen, PosixFilePermissions.fromString("rwxrwxrwx"));
    String target = backend == TestBackend.DOCKER ? "/seen" : seen.toString();
    script("site/prolog.sh", "echo \"$SLURM_JOB_ID\" >> %s/prolog\n".formatted(target));
    script("site/epilog.d/own.sh", "echo \"$SLURM_JOB_ID\" >> %s/epilog\n".formatted(target));
    script("site/controller.sh", "echo \"$SLURM_JOB_ID\" >> %s/controller\n".formatted(target));
    script("site/task.sh", "echo \"export SITE=ours\"\n");
    Files.writeString(directory.resolve("site/topology.conf"), "SwitchName=leaf Nodes=slurm\n");
    Files.writeString(directory.resolve("site/site.conf"), "TopologyPlugin=topology/tree\n");
    Files.writeString(
        directory.resolve("site/job_submit.lua"),
        """
        function slurm_job_submit(job, partitions, uid)
          if job.time_limit == slurm.NO_VAL then
            slurm.log_user("Say how long the job may take: --time")
            return slurm.ERROR
          end
          return slurm.SUCCESS
        end
        function slurm_job_modify(job, record, partitions, uid)
          return slurm.SUCCESS
        end
        return slurm.SUCCESS
        """);
    Files.writeString(
        directory.resolve("site/cli_filter.lua"),
        """
        function slurm_cli_setup_defaults(options, early)
          return slurm.SUCCESS
        end
        function slurm_cli_pre_submit(options, offset)
          options["comment"] = "filtered"
          return slurm.SUCCESS
        end
        function slurm_cli_post_submit(offset, job, step)
          return slurm.SUCCESS
        end
        return slurm.SUCCESS
        """);
    ClusterRequest clusterRequest =
        own(
            builder("early")
                .definition(
                    Files.writeString(
                        directory.resolve("own.yaml"),
                        """
                        preset: cpu
                        mounts: [{source: seen, target: %s}]
                        slurm_conf:
                          - Prolog=/etc/slurm/prolog.sh
                          - Epilog=/etc/slurm/epilog.d/*.sh
                          - PrologSlurmctld=/etc/slurm/controller.sh
                          - TaskProlog=/etc/slurm/task.sh
                          - Include /etc/slurm/site.conf
                        """
                            .formatted(target)))
                .slurmFiles(directory.resolve("site"))
                .slurmVersion(version.release())
                .timeout(Duration.ofSeconds(100)));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.run("srun true").stderr()).contains("Say how long the job may take: --time");
      assertThat(shell.ok("srun --time=1 sh -c 'echo $SITE'").strip()).isEqualTo("ours");
      // Where there is a TaskProlog of ours, it still gives such a job the commands of Slurm.
      String environment = backend == TestBackend.EMBEDDED ? "--export=NONE " : "";
      assertThat(
              shell.ok(
                  "srun --time=1 %ssh -c 'squeue -h -o %%k -j $SLURM_JOB_ID'"
                      .formatted(environment)))
          .contains("filtered");
      assertThat(shell.ok("scontrol show topology")).contains("SwitchName=leaf");
    }
    assertThat(seen.resolve("prolog")).content().startsWith("1\n");
    assertThat(seen.resolve("epilog")).content().startsWith("1\n");
    assertThat(seen.resolve("controller")).content().startsWith("1\n");
  }

  /**
   * What the macro SPANK_PLUGIN of Slurm's spank.h makes, for a release of which it has no headers.
   */
  private static final String SPANK_PLUGIN =
      """
      const char plugin_name[] = "demo";
      const char plugin_type[] = "spank";
      const unsigned int plugin_version = %s << 16 | %s << 8;
      const unsigned int spank_plugin_version = 1;

      int spank_setenv(void *spank, const char *name, const char *value, int overwrite);

      int slurm_spank_task_init(void *spank, int count, char **arguments) {
        return count == 1 ? spank_setenv(spank, "SITE_PLUGIN", arguments[0], 1) : 1;
      }
      """;

  @ParameterizedTest
  @Releases.All
  void aSpankPluginOfTheSiteIsLoaded(SlurmVersion version) throws Exception {
    Path files = Files.createDirectories(directory.resolve("site/plugstack.conf.d"));
    Files.writeString(files.resolve("demo.conf"), "required /etc/slurm/demo.so blue\n");
    String[] release = version.release().split("\\.");
    library(
        SPANK_PLUGIN.formatted(release[0], Integer.valueOf(release[1])),
        directory.resolve("site/demo.so"));
    ClusterRequest clusterRequest =
        own(
            builder("early")
                .slurmFiles(directory.resolve("site"))
                .slurmVersion(version.release())
                .timeout(Duration.ofSeconds(100)));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.ok("srun printenv SITE_PLUGIN").strip()).isEqualTo("blue");
    }
  }

  @ParameterizedTest
  @Releases.All
  @Tag("slow")
  void aFailingPrologIsQuotedWithItsOutput(SlurmVersion version) throws IOException {
    script("prolog.sh", "echo 'the GPUs are gone'\nexit 7\n");
    ClusterRequest clusterRequest =
        request(
            version,
            """
            files: [{source: prolog.sh, target: /etc/slurm/prolog.sh}]
            slurm_conf: [Prolog=/etc/slurm/prolog.sh]
            """);

    assertThat(startFails(clusterRequest))
        .hasMessageContaining("node slurm is drained")
        .hasMessageContaining("slurm.conf, line ")
        .hasMessageContaining("the script fails; correct the script")
        .hasMessageContaining("the GPUs are gone");
  }

  @ParameterizedTest
  @Releases.All
  void aScriptInLuaThatIsNotRightIsNamed(SlurmVersion version) throws IOException {
    Files.writeString(directory.resolve("job_submit.lua"), "function slurm_job_submit(\n");
    ClusterRequest clusterRequest =
        request(version, "files: [{source: job_submit.lua, target: /etc/slurm/job_submit.lua}]\n");

    assertThat(startFails(clusterRequest))
        .hasMessageContaining("Likely cause: ")
        .hasMessageContaining("/job_submit.lua has an error; correct the script.")
        .hasMessageContaining("job_submit.lua:");
  }

  /**
   * Fails when a start with a line of slurm.conf that names a missing or failing script succeeds.
   */
  final void assertNamed(SlurmVersion version, String line, String what, String cause)
      throws IOException {
    ClusterRequest clusterRequest = request(version, "slurm_conf: ['%s']\n".formatted(line));
    SlurmCluster cluster = clusterRequest.cluster();

    assertThat(startFails(clusterRequest))
        .hasMessageContaining(what)
        .hasMessageContaining("Likely cause: ")
        .hasMessageContaining(cause)
        .hasMessageContaining(" says: error: ")
        .hasMessageNotContaining("(timeout)")
        .hasMessageNotContaining("state=resume");
  }

  @ParameterizedTest
  @Releases.All
  void aHealthyStartLogsNoOtherErrors(SlurmVersion version) throws IOException {
    ClusterRequest clusterRequest = request(version, "");
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    List<String> lines = new ArrayList<>();
    cluster.logs(
        Optional.empty(),
        new LogRequest(OptionalInt.empty(), Optional.empty(), false),
        (node, line) -> lines.add(line));
    List<String> errors =
        ERROR.matcher(String.join("\n", lines)).results().map(found -> found.group(1)).toList();
    assertThat(errors)
        .contains("Job accounting information gathered, but not stored")
        .allSatisfy(
            error ->
                assertThat(EXPECTED_ERRORS)
                    .as(error)
                    .anyMatch(expected -> error.matches(expected)));
  }
}
