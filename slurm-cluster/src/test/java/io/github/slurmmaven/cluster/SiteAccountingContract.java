/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.site.LoginNode;
import io.github.slurmmaven.site.SiteLogin;
import io.github.slurmmaven.site.SiteTwin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A twin of a site whose accounts and qualities of service decide about jobs: it starts, and
 * refuses what the site refuses with the same words. One cluster runs for all tests.
 */
@Timeout(600)
abstract class SiteAccountingContract extends RealClusters {

  private static SlurmCluster shared;

  SiteAccountingContract(TestBackend backend) {
    super(backend);
  }

  static void start(TestBackend backend) {
    backend.require();
    SiteTwin twin =
        SiteTwin.of(
            Path.of("src/test/resources/site/institute"),
            SlurmVersion.V24_11,
            5,
            Optional.of("alice"));
    Path definition = site.resolve("institute.yaml");
    twin.write(definition, site.resolve("slurm"), true);
    ClusterRequest request =
        backend
            .cluster("institute")
            .outputDirectory(outputDirectory())
            .definition(definition)
            .timeout(Duration.ofSeconds(150))
            .build();
    shared = request.cluster();
    request.start();
  }

  static SlurmCluster cluster() {
    return shared;
  }

  @AfterAll
  static void destroy() {
    if (shared != null) {
      shared.destroy();
      shared = null;
    }
  }

  private String answer(String options) throws IOException {
    Path script =
        Files.writeString(site.resolve("job.sh"), "#!/bin/sh\n#SBATCH " + options + "\ntrue\n");
    return shared.check(script, Optional.empty(), List.of()).get(0).answer();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -p gpu -A astro        | Invalid account or account/partition combination specified
          -p open -A astro       | Invalid account or account/partition combination specified
          -p staff               | Invalid account or account/partition combination specified
          -A chemistry           | Invalid account or account/partition combination specified
          -p debug               | Invalid qos specification
          -A theory --qos=urgent | Invalid qos specification
          --qos=short -t 31      | QOSMaxWallDurationPerJobLimit
          --qos=short -n 17      | QOSMaxCpuPerJobLimit
          -N 3                   | QOSMaxNodePerJobLimit
          -L matlab:3            | Invalid license specification
          """)
  void refusesWithTheWordsOfTheSite(String options, String words) throws IOException {
    assertThat(answer(options)).contains(words);
  }

  @ParameterizedTest
  @CsvSource({
    "-p gpu -A physics --gres=gpu:a100:1",
    "-p debug --qos=debug",
    "-A theory --qos=short -t 30",
    "-A astro --qos=long -t 10",
    "-p gpu -A theory -t 10",
    "-N 2 -t 10"
  })
  void takesWhatTheSiteTakes(String options) throws IOException {
    Path script = Files.writeString(site.resolve("job.sh"), "#!/bin/sh\n#SBATCH " + options + "\n");

    assertThat(shared.check(script, Optional.empty(), List.of()).get(0).isTaken()).isTrue();
  }

  @Test
  void aJobOverALimitOfItsAccountWaitsWithTheReasonOfTheSite() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = shell.ok("sbatch --parsable -o /dev/null -p open -n 17 -t 10 --wrap true");

      assertThat(
              shell.ok(
                  "for try in $(seq 300); do reason=$(squeue -h -j %s -o %%r); case $reason in Assoc*) break;; esac; sleep 0.1; done; echo $reason"
                      .formatted(job)))
          .isEqualTo("AssocGrpCpuLimit");
      shell.ok("scancel " + job);
    }
  }

  @Test
  void allUsersOfTheSiteHaveTheirAssociations() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String columns = "format=account,user,partition,fairshare,maxjobs";
      assertThat(lines(shell.ok("sacctmgr -nP show assoc user=alice,mia " + columns)))
          .containsExactlyInAnyOrder(
              "astro|alice||1|20",
              "physics|alice||1|500",
              "theory|alice||1|500",
              "astro|mia||5|500",
              "astro-gpu|mia|gpu|1|500");
      assertThat(lines(shell.ok("sacctmgr -nP show user alice,mia format=user,defaultaccount")))
          .containsExactlyInAnyOrder("alice|physics", "mia|astro");
      // The twin's own user has the rules of alice.
      assertThat(
              lines(
                  shell.ok(
                      "sacctmgr -nP show assoc user=$(id -un) account=astro,physics " + columns)))
          .containsExactlyInAnyOrder(
              "astro|%s||1|20".formatted(user()), "physics|%s||1|500".formatted(user()));
    }
  }

  @Test
  void qualitiesOfServiceHaveFactorsModesAndLimitsOfLicenses() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      assertThat(
              shell
                  .ok("sacctmgr -nP show qos long format=usagefactor,preemptmode,maxtrespu")
                  .strip())
          .isEqualTo("0.500000|requeue|license/fluent=2");
      assertThat(shell.ok("sacctmgr -nP show qos urgent format=usagefactor").strip())
          .isEqualTo("2.000000");
      assertThat(shell.ok("scontrol -o show licenses")).contains("LicenseName=fluent Total=8");
    }
  }

  // ---- the cluster as a site's login node ------------------------------------------------------

  private static LoginNode login() {
    assumeTrue(LoginNode.hasSsh(), "ssh is not installed");
    return LoginNode.of(shared.connection().orElseThrow());
  }

  private static String user() {
    return shared.connection().orElseThrow().sshUser();
  }

  /** The lines of a definition, whatever order a file has its parameters in. */
  private static List<String> twinOf(Path slurmConf) {
    return SiteTwin.of(slurmConf, SlurmVersion.V24_11, 5, Optional.empty())
        .definition()
        .lines()
        .sorted()
        .toList();
  }

  @Test
  void itsLoginNodeGivesTheSameTwinAsItsSlurmConf() throws IOException {
    SiteLogin.Outputs outputs = login().read(user(), site.resolve("outputs"));
    assertThat(outputs.notes()).isEmpty();
    Path files = Files.createDirectories(site.resolve("files"));
    for (String name : List.of("sacctmgr-assoc.txt", "sacctmgr-qos.txt")) {
      Files.copy(outputs.directory().resolve(name), files.resolve(name));
    }
    // The spelling of scontrol: times in full, and nothing that Slurm has by itself.
    Files.writeString(
        files.resolve("slurm.conf"),
        Files.readString(shared.directory().resolve(CONFIG))
            .replace("MaxTime=2-0 ", "MaxTime=2-00:00:00 ")
            .replace("MaxTime=60 ", "MaxTime=01:00:00 ")
            .replace(" State=UP", "")
            .replace("CR_Core_Memory", "CR_CORE_MEMORY")
            .replace("SchedulerType=sched/backfill\n", ""));

    assertThat(twinOf(outputs.directory()))
        .contains("  - PreemptType=preempt/qos", "    max_time: \"01:00:00\"")
        .isEqualTo(twinOf(files));
  }

  @Test
  void anUnknownHostKeyIsRefused() throws IOException {
    Path empty = Files.writeString(site.resolve("no-known-hosts"), "");
    LoginNode unknown = new LoginNode(login().server(), empty);

    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> unknown.read(user(), site.resolve("unknown")))
        .withMessageContaining("the host key of '" + unknown.name(user()) + "' is not known here")
        .withMessageContaining("compare the fingerprint");
    assertThat(empty).isEmptyFile();
  }

  @Test
  void anUnknownUserIsRefused() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> login().read("stranger", site.resolve("stranger")))
        .withMessageContaining("does not let you in with a key of yours")
        .withMessageContaining("Permission denied");
  }
}
