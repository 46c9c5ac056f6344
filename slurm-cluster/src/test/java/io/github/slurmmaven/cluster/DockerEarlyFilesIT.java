/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are there before any daemon starts, in a cluster of containers. */
@Tag("docker")
class DockerEarlyFilesIT extends EarlyFilesContract {

  DockerEarlyFilesIT() {
    super(TestBackend.DOCKER);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          22.05 | Epilog=/opt/no.sh          | since a job ran there: Epilog error | /opt/no.sh is missing; copy it
          22.05 | Epilog=/bin/false          | since a job ran there: Epilog error | /bin/false fails; correct
          26.05 | Epilog=/bin/false          | since a job ran there: Epilog error | /bin/false fails; correct
          24.11 | Prolog=/opt/no.sh          | node slurm is drained               | /opt/no.sh is missing; copy it
          22.05 | TaskProlog=/opt/no.sh      | jobs fail on partition debug        | /opt/no.sh is missing; copy it
          24.11 | PrologSlurmctld=/opt/no.sh | exited with code 1                  | /opt/no.sh is missing; copy it
          24.11 | JobSubmitPlugins=lua       | exited with code 1                  | /etc/slurm/job_submit.lua is missing; put it
          22.05 | JobSubmitPlugins=lua       | exited with code 1                  | /etc/slurm/job_submit.lua is missing; put it
          """)
  void aMissingOrFailingScriptIsNamed(SlurmVersion version, String line, String what, String cause)
      throws IOException {
    assertNamed(version, line, what, cause);
  }

  @ParameterizedTest
  @Releases.One
  void warnsOfAMountThatJobsCannotWriteTo(SlurmVersion version) throws Exception {
    for (String name : List.of("closed", "open", "seen")) {
      Path mount = Files.createDirectory(directory.resolve(name));
      Files.setPosixFilePermissions(
          mount, PosixFilePermissions.fromString(name.equals("open") ? "rwxrwxrwx" : "rwxr-xr-x"));
    }
    Files.setAttribute(directory.resolve("closed"), "unix:uid", 4711);
    ClusterRequest clusterRequest =
        request(
            version,
            """
            users: ["ci:1001"]
            mounts:
              - {source: closed, target: /closed}
              - {source: open, target: /open}
              - {source: seen, target: /seen, read_only: true}
            """);
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

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
  @Releases.One
  void packagesFindTheDirectoriesThatTheirScriptsExpect(SlurmVersion version) throws Exception {
    ClusterRequest clusterRequest =
        request(
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
    SlurmCluster cluster = clusterRequest.cluster();

    assertThat(clusterRequest.start()).isNotNull();
  }
}
