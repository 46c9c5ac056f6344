/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Accounting as processes of this machine. */
@Tag("embedded")
@ParameterizedClass(name = "{0}")
@Releases.All
class EmbeddedAccountingIT extends AccountingContract {

  private final SlurmVersion version;

  EmbeddedAccountingIT(SlurmVersion version) {
    super(TestBackend.EMBEDDED);
    this.version = version;
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.EMBEDDED, version, "");
  }

  @Override
  String user() {
    return System.getProperty("user.name");
  }

  private static Path pidFile(String daemon) {
    return cluster()
        .directory()
        .resolve("run")
        .resolve(daemon.equals("mariadbd") ? "slurm-accounting/mariadbd.pid" : "slurmdbd.pid");
  }

  @Override
  String process(String daemon) {
    return "$(cat " + pidFile(daemon) + ")";
  }

  @Override
  String accountingRun() {
    return cluster().directory().resolve("run/slurm-accounting").toString();
  }

  @Override
  String databaseLog() {
    return databaseLog(cluster());
  }

  private static String databaseLog(SlurmCluster cluster) {
    return cluster.directory().resolve("log/mariadbd.log").toString();
  }

  /** Addresses on which a daemon listens, as the kernel shows them. */
  private static List<String> addresses(SlurmShell shell, String daemon) throws IOException {
    return shell
        .ok(
            """
            for socket in $(find /proc/$(cat %s)/fd -lname 'socket:*' -printf '%%l\\n' | tr -dc '0-9\\n'); do
              awk -v inode="$socket" '$10 == inode && $4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6
            done
            """
                .formatted(pidFile(daemon)))
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }

  @Test
  void theDatabaseHasNoPortAndSlurmdbdIsOnLoopback() throws IOException {
    try (SlurmShell shell = shell(cluster())) {
      assertThat(addresses(shell, "mariadbd")).isEmpty();
      assertThat(addresses(shell, "slurmdbd"))
          .singleElement()
          .satisfies(address -> assertThat(address).startsWith("0100007F:"));
    }
    Path directory = cluster().directory();
    assertThat(mode(directory.resolve("config/slurmdbd.conf"))).isEqualTo("rw-------");
    assertThat(mode(directory.resolve("accounting"))).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("run/slurm-accounting"))).isEqualTo("rwx------");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /** Kills the supervisor, which takes all its processes along. */
  @Override
  void killCluster() throws Exception {
    Path directory = cluster().directory();
    String state =
        Files.readString(directory.resolve("supervisor.state")).lines().findFirst().orElseThrow();
    ProcessHandle supervisor = ProcessHandle.of(Long.parseLong(state.split(" ")[1])).orElseThrow();
    supervisor.destroyForcibly();
    supervisor.onExit().get(60, TimeUnit.SECONDS);
    while (!Leftovers.processesOf(directory).isEmpty()) {
      Thread.sleep(20);
    }
  }

  @Test
  void clustersSideBySideHaveADatabaseEach() throws IOException {
    ClusterRequest request = another("beside");
    SlurmCluster beside = request.cluster();
    request.start();

    try (SlurmShell shell = shell(beside)) {
      assertThat(shell.ok("sacctmgr -n -P show cluster format=cluster").strip())
          .isEqualTo(beside.name());
      String job = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 2");
      assertThat(recorded(shell, job, "Account", "FAILED")).isEqualTo("FAILED|default");
    }
    try (SlurmShell shell = shell(cluster())) {
      assertThat(shell.ok("sacctmgr -n -P show cluster format=cluster").strip())
          .isEqualTo(cluster().name());
    }
  }

  @Test
  @Tag("slow")
  void aPortThatAnotherProgramTookGivesWay() throws IOException {
    Releases.skipUnlessDefault(version);
    ClusterRequest request = another("moved");
    SlurmCluster moved = request.cluster();
    request.start();
    moved.stop();
    try (ServerSocket taken =
        new ServerSocket(slurmdbdPort(moved), 1, InetAddress.getLoopbackAddress())) {
      request.start();

      assertThat(slurmdbdPort(moved)).isNotEqualTo(taken.getLocalPort());
    }
    try (SlurmShell shell = shell(moved)) {
      String job = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 2");
      assertThat(recorded(shell, job, "Account", "FAILED")).isEqualTo("FAILED|default");
    }
  }

  private static int slurmdbdPort(SlurmCluster cluster) throws IOException {
    return Integer.parseInt(
        Files.readString(cluster.directory().resolve(".env"))
            .replaceAll("(?s).*SLURM_MAVEN_SLURMDBD_PORT=(\\d+).*", "$1"));
  }

  @Test
  void aDatabaseOrSlurmdbdThatEndsIsNamedWithItsLastLines() throws IOException {
    ClusterRequest request = another("broken");
    SlurmCluster broken = request.cluster();
    request.start();
    broken.stop();
    Path tablespace = broken.directory().resolve("accounting/data/ibdata1");
    byte[] whole = Files.readAllBytes(tablespace);
    Files.write(tablespace, new byte[whole.length]);

    assertThatThrownBy(broken::start)
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("mariadbd exited with code 1")
        .hasMessageContaining("the database of Slurm's accounting ended")
        .hasMessageContaining("[ERROR]");

    Files.write(tablespace, whole);
    Path configuration = broken.directory().resolve("config/slurmdbd.conf");
    Files.writeString(configuration, Files.readString(configuration) + "Nonsense=1\n");

    assertThatThrownBy(broken::start)
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("slurmdbd exited with code 1")
        .hasMessageContaining("Nonsense");
  }

  /** slurmctld keeps what the database has no room for. */
  @Test
  @Tag("slow")
  void noRecordIsLostWithAFullDisk() throws Exception {
    Releases.skipUnlessDefault(version);
    assumeTrue(
        !version.equals(SlurmVersion.V22_05),
        "slurmdbd 22.05 may lose exit codes then, and records 0:0 (docs/accounting.md)");
    ClusterRequest request = another("full");
    SlurmCluster full = request.cluster();
    request.create();
    String disk = Files.createDirectories(full.directory().resolve("accounting")).toString();
    assumeTrue(
        succeeds("mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "tmpfs", disk),
        "a small disk cannot be mounted");
    try {
      request.start();
      try (SlurmShell shell = shell(full)) {
        shell.run("head --bytes=40M /dev/zero >%s/fill".formatted(disk));
        // Scripts that need more room than tables have left.
        String jobs =
            shell.ok(
                """
                for job in $(seq 100); do
                  printf '#!/bin/bash\n# %s\nexit 9\n' "$(head --bytes=3000 /dev/urandom | base64 --wrap=0)" |
                    sbatch --parsable --output=/dev/null
                done
                until [ -z "$(squeue --noheader)" ]; do sleep 0.2; done
                """);
        shell.ok(
            "until grep -q 'The table .* is full' %s; do sleep 0.2; done"
                .formatted(databaseLog(full)));
        shell.ok("rm %s/fill".formatted(disk));

        assertAreRecorded(shell, jobs.lines().toList(), "FAILED|9:0", "--duplicates");
      }
    } finally {
      full.stop();
      assertThat(succeeds("umount", disk)).isTrue();
    }
  }

  private static boolean succeeds(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  private ClusterRequest another(String name) throws IOException {
    return own(
        builder(name + "-" + version.year())
            .definition(definition(name, "preset: cpu\naccounting: true\n"))
            .slurmVersion(version.release()));
  }
}
