/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How accounting.sh starts daemons, with stand-ins for all programs but a few of coreutils. */
@Timeout(120)
class AccountingScriptTest {

  @TempDir Path root;

  private Path said;
  private int port;
  private Process process;

  @BeforeEach
  void makeCluster() throws IOException {
    said = root.resolve("said");
    for (String name :
        List.of("bin", "config", "log", "run/slurm-accounting", "accounting/bundle/bin")) {
      Files.createDirectories(root.resolve(name));
    }
    Path share = Files.createDirectories(root.resolve("accounting/bundle/share/slurm"));
    for (String name : List.of("chmod", "cmp", "cp", "ls", "mkdir", "rm", "sed", "tail")) {
      command(
          root.resolve("bin/" + name),
          "exec \"$(PATH=/usr/bin:/bin type -P %s)\" \"$@\"".formatted(name));
    }
    command(root.resolve("bin/scontrol"), "");
    command(share.resolve("define-accounts"), "");
    Files.writeString(root.resolve("config/sacctmgr.txt"), "add qos low\n");
    Files.writeString(root.resolve("log/mariadbd.log"), "ERROR: 1050  Table 'x' already exists\n");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    command(
        root.resolve("accounting/bundle/bin/slurmdbd"),
        "exec '%s/bin/java' -cp '%s' %s %d"
            .formatted(
                System.getProperty("java.home"),
                System.getProperty("java.class.path"),
                Listener.class.getName(),
                port));
    configure("DbdPort=" + port);
  }

  @AfterEach
  void end() throws InterruptedException {
    if (process != null) {
      // The supervisor's keeper would do so.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void command(Path file, String lines) throws IOException {
    Files.writeString(file, "#!/bin/bash\n" + lines + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void configure(String line) throws IOException {
    Files.writeString(root.resolve("config/slurmdbd.conf"), "DbdHost=localhost\n" + line);
  }

  /** The database has the cluster's name. */
  private void isNamed() throws IOException {
    Files.createFile(root.resolve("accounting/named"));
  }

  private void start(String daemon) throws IOException {
    ProcessBuilder bash =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                Resources.text(Daemons.class, "accounting.sh"),
                "accounting",
                daemon,
                root.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    bash.environment().put("PATH", root.resolve("bin").toString());
    process = bash.start();
  }

  private String refusal() throws IOException, InterruptedException {
    start("slurmdbd");
    assertThat(process.waitFor()).isEqualTo(1);
    return Files.readString(said);
  }

  private void assertIsReady() throws IOException, InterruptedException {
    start("slurmdbd");
    Path state = root.resolve("run/slurm-accounting.state");
    while (!Files.exists(state) || !Files.readString(state).equals("ready\n")) {
      assertThat(process.isAlive()).as(Files.readString(said)).isTrue();
      Thread.sleep(20);
    }
    assertThat(root.resolve("run/slurm-accounting/listens")).exists();
  }

  @Test
  void slurmdbdIsReadyWhenItListens() throws Exception {
    isNamed();

    assertIsReady();
  }

  @Test
  void withRulesOfPartitionsAdditionsRunBeforeSlurmctldStarts() throws Exception {
    assertThat(defined("PartitionName=debug Nodes=ALL QOS=low\n"))
        .isEqualTo(
            """
            add qos low
            add account physics parent=root
            listens
            # comment
            modify qos low set priority=1
            remove account old
            add account old parent=physics
            """);
  }

  @Test
  void withoutRulesOfPartitionsAllIsDefinedOnceSlurmctldRuns() throws Exception {
    assertThat(defined("PartitionName=debug Nodes=ALL\n"))
        .isEqualTo(
            """
            listens
            # comment
            add qos low
            modify qos low set priority=1
            add account physics parent=root
            remove account old
            add account old parent=physics
            """);
  }

  /** The commands in the order in which sacctmgr gets them, and when slurmctld may start. */
  private String defined(String slurmConf) throws Exception {
    isNamed();
    Files.writeString(root.resolve("config/slurm.conf"), slurmConf);
    Files.writeString(
        root.resolve("config/sacctmgr.txt"),
        """
        # comment
        add qos low
        modify qos low set priority=1
        add account physics parent=root
        remove account old
        add account old parent=physics
        """);
    command(
        root.resolve("accounting/bundle/share/slurm/define-accounts"),
        """
        [[ ! -e '%1$s/run/slurm-accounting/listens' ]] || echo listens >>'%1$s/done'
        while IFS= read -r line; do echo "$line" >>'%1$s/done'; done <"$1"
        """
            .formatted(root));
    // slurmctld is started when slurmdbd is ready.
    command(
        root.resolve("bin/scontrol"), "[[ -e '%s/run/slurm-accounting/listens' ]]".formatted(root));

    assertIsReady();

    return Files.readString(root.resolve("done"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DbdPort = %d", "dbdport=%d # ours", "DbdPort=1\n  DBDPORT=%d\n"})
  void thePortOfSlurmdbdMayBeWrittenAsSlurmAllows(String line) throws Exception {
    isNamed();
    configure(line.formatted(port));

    assertIsReady();
  }

  @Test
  void aPortThatIsNotANumberIsRefused() throws Exception {
    configure("DbdPort=many");

    assertThat(refusal())
        .isEqualTo(
            "slurm-accounting: slurmdbd exited with status 1: DbdPort of config/slurmdbd.conf is"
                + " 'many', which is not a port: correct it there, then start again\n");
  }

  @Test
  void aDatabaseThatDidNotTakeTheNameEndsTheStart() throws Exception {
    assertThat(refusal())
        .contains("ERROR: 1050  Table 'x' already exists")
        .contains("slurmdbd exited with status 1: the database did not take the cluster's name");
  }

  @Test
  void theDatabaseGetsTheNamesOfClusterAndUserAsStrings() throws Exception {
    Path share = root.resolve("accounting/bundle/share/slurm");
    Files.writeString(share.resolve("history.sql"), "DELETE FROM `@CLUSTER@_job_table`;\n");
    Files.writeString(
        share.resolve("database.sql"), "UPDATE a SET name = '@USER@' WHERE c = '@CLUSTER@';\n");
    Files.writeString(share.resolve("mariadbd.options"), "--skip-networking\n");
    Files.writeString(root.resolve("config/slurm.conf"), "ClusterName=mine\n");
    command(root.resolve("bin/id"), "echo \"CORP\\\\o'brien&co\"");
    command(root.resolve("bin/tar"), "");
    command(root.resolve("accounting/bundle/bin/mariadbd"), "exit 3");

    start("mariadbd");
    assertThat(process.waitFor()).isEqualTo(3);

    Path run = root.resolve("run/slurm-accounting");
    assertThat(run.resolve("history.sql")).hasContent("DELETE FROM `mine_job_table`;");
    assertThat(run.resolve("begin.sql"))
        .hasContent("UPDATE a SET name = 'CORP\\\\o''brien&co' WHERE c = 'mine';");
  }
}
