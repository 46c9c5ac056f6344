/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.lifecycle.Owner;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prologs, epilogs and plugins: there before any daemon starts, and named when they are not. */
@Timeout(180)
class EarlyFilesIT {

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

  @TempDir private Path site;

  private final List<SlurmCluster> own = new ArrayList<>();
  private final RecordingProgress progress = new RecordingProgress();

  @AfterEach
  void destroyOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(Leftovers::assertNoneOf);
  }

  private SlurmCluster cluster(String engine, SlurmVersion version, String definition)
      throws IOException {
    if (engine.equals("embedded")) {
      EmbeddedIT.requireBundles();
    }
    Path file = Files.writeString(site.resolve("own.yaml"), "preset: cpu\n" + definition);
    SlurmCluster cluster =
        SlurmCluster.builder()
            .engine(engine)
            .bundles(EmbeddedIT.bundles())
            .slurmVersion(version.release())
            .outputDirectory(site.resolve("out"))
            .name("early")
            .definition(file)
            .port(0)
            .timeout(Duration.ofSeconds(100))
            .owner(Owner.thisBuild())
            .progress(progress)
            .build();
    own.add(cluster);
    return cluster;
  }

  private void script(String name, String text) throws IOException {
    Files.setPosixFilePermissions(
        Files.writeString(site.resolve(name), "#!/bin/sh\n" + text),
        PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @CsvSource({"docker,22.05", "docker,24.11", "embedded,22.05", "embedded,24.11"})
  void filesAreThereBeforeDaemonsStart(String engine, SlurmVersion version) throws Exception {
    Path seen = Files.createDirectory(site.resolve("seen"));
    Files.setPosixFilePermissions(seen, PosixFilePermissions.fromString("rwxrwxrwx"));
    String target = engine.equals("docker") ? "/seen" : seen.toString();
    script("prolog.sh", "echo \"$SLURM_JOB_ID\" >> %s/prolog\n".formatted(target));
    script("epilog.sh", "echo \"$SLURM_JOB_ID\" >> %s/epilog\n".formatted(target));
    SlurmCluster cluster =
        cluster(
            engine,
            version,
            """
            mounts: [{source: seen, target: %s}]
            files:
              - {source: prolog.sh, target: /home/slurm/site/prolog.sh}
              - {source: epilog.sh, target: /etc/slurm/epilog.sh}
            slurm_conf: [Prolog=/home/slurm/site/prolog.sh, Epilog=/etc/slurm/epilog.sh]
            """
                .formatted(target));
    cluster.start();

    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.ok("srun echo ran").strip()).isEqualTo("ran");
    }
    // The first job is the one that shows that the cluster works.
    assertThat(seen.resolve("prolog")).content().startsWith("1\n2\n");
    assertThat(seen.resolve("epilog")).content().startsWith("1\n");
  }

  @ParameterizedTest
  @Releases.Two
  void jobSubmitPluginIsThereBeforeSlurmctldStarts(SlurmVersion version) throws Exception {
    Files.writeString(
        site.resolve("job_submit.lua"),
        """
        function slurm_job_submit(job, partitions, uid)
          job.comment = "seen by lua"
          return slurm.SUCCESS
        end
        function slurm_job_modify(job, record, partitions, uid)
          return slurm.SUCCESS
        end
        return slurm.SUCCESS
        """);
    SlurmCluster cluster =
        cluster(
            "docker",
            version,
            """
            files: [{source: job_submit.lua, target: /etc/slurm/job_submit.lua}]
            slurm_conf: [JobSubmitPlugins=lua]
            """);
    cluster.start();

    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      shell.ok("sbatch --hold --wrap true");
      assertThat(shell.ok("scontrol show job")).contains("Comment=seen by lua");
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          embedded | 24.11 | Epilog=/opt/no.sh          | since a job ran there: Epilog error | /opt/no.sh is missing; copy it
          embedded | 22.05 | Epilog=/bin/false          | since a job ran there: Epilog error | the script fails; correct
          embedded | 22.05 | Prolog=/opt/no.sh          | node slurm is drained               | /opt/no.sh is missing; copy it
          embedded | 24.11 | TaskProlog=/opt/no.sh      | jobs fail on partition debug        | /opt/no.sh is missing; copy it
          embedded | 24.11 | PrologSlurmctld=/opt/no.sh | exited with code 1                  | /opt/no.sh is missing; copy it
          docker   | 22.05 | Epilog=/opt/no.sh          | since a job ran there: Epilog error | /opt/no.sh is missing; copy it
          docker   | 24.11 | Prolog=/opt/no.sh          | node slurm is drained               | /opt/no.sh is missing; copy it
          docker   | 22.05 | TaskProlog=/opt/no.sh      | jobs fail on partition debug        | /opt/no.sh is missing; copy it
          docker   | 24.11 | PrologSlurmctld=/opt/no.sh | exited with code 1                  | /opt/no.sh is missing; copy it
          docker   | 24.11 | JobSubmitPlugins=lua       | exited with code 1                  | /etc/slurm/job_submit.lua is missing; copy it
          docker   | 22.05 | JobSubmitPlugins=lua       | exited with code 1                  | /etc/slurm/job_submit.lua is missing; copy it
          """)
  void aMissingOrFailingScriptIsNamed(
      String engine, SlurmVersion version, String line, String what, String cause)
      throws IOException {
    SlurmCluster cluster = cluster(engine, version, "slurm_conf: ['%s']\n".formatted(line));

    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, cluster::start);

    assertThat(failure).as("SlurmClusterException").isNotNull();
    assertThat(failure)
        .hasMessageContaining(what)
        .hasMessageContaining("Likely cause: ")
        .hasMessageContaining(cause)
        .hasMessageContaining(" says: error: ")
        .hasMessageNotContaining("(timeout)")
        .hasMessageNotContaining("state=resume");
  }

  @ParameterizedTest
  @CsvSource({
    "docker,22.05", "docker,24.11", "docker,26.05",
    "embedded,22.05", "embedded,24.11", "embedded,26.05"
  })
  void aHealthyStartLogsNoOtherErrors(String engine, SlurmVersion version) throws IOException {
    SlurmCluster cluster = cluster(engine, version, "");
    cluster.start();

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

  @ParameterizedTest
  @Releases.Two
  void warnsOfAMountThatJobsCannotWriteTo(SlurmVersion version) throws Exception {
    for (String name : List.of("closed", "open", "seen")) {
      Path mount = Files.createDirectory(site.resolve(name));
      Files.setPosixFilePermissions(
          mount, PosixFilePermissions.fromString(name.equals("open") ? "rwxrwxrwx" : "rwxr-xr-x"));
    }
    Files.setAttribute(site.resolve("closed"), "unix:uid", 4711);
    SlurmCluster cluster =
        cluster(
            "docker",
            version,
            """
            users: ["ci:1001"]
            mounts:
              - {source: closed, target: /closed}
              - {source: open, target: /open}
              - {source: seen, target: /seen, read_only: true}
            """);
    cluster.start();

    assertThat(progress.warnings())
        .filteredOn(warning -> warning.contains("cannot write"))
        .satisfiesExactly(
            warning ->
                assertThat(warning)
                    .contains("user slurm (uid 1000)", "/closed", "belongs to uid 4711"),
            warning -> assertThat(warning).contains("user ci (uid 1001)", "/closed", "uid 4711"));
  }

  /** As the scripts of Debian's packages do, such as a JRE's. */
  @ParameterizedTest
  @Releases.Two
  void packagesFindTheDirectoriesThatTheirScriptsExpect(SlurmVersion version) throws Exception {
    SlurmCluster cluster =
        cluster(
            "docker",
            version,
            """
            setup:
              - >-
                for section in 1 2 3 4 5 6 7 8 9; do update-alternatives
                --install /usr/bin/x$section x$section /bin/true 1
                --slave /usr/share/man/man$section/x.gz x$section.gz /etc/hostname || exit; done
              - test -d /usr/share/info && test -d /usr/share/locale && test -d /etc/cron.d
              - grep -E '^path-exclude=' /etc/dpkg/dpkg.cfg.d/* | grep -vE '=/usr/share/(doc|groff|info|linda|lintian|locale|man)/' && exit 1 || true
            """);

    assertThat(cluster.start()).isNotNull();
  }
}
