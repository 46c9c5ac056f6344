/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.AccountingDefinition.Account;
import io.github.slurmmaven.definition.AccountingDefinition.Member;
import io.github.slurmmaven.definition.AccountingDefinition.Qos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountingTest {

  private static final String EVERYTHING =
      """
      preset: gpu
      accounting: true
      accounting_enforce: [limits, safe]
      accounts:
        - {name: theory, parent: physics, shares: 10, limits: {MaxJobs: 3, GrpTRES: cpu=8}, default_qos: low, qos: [low]}
        - physics
      qos:
        - name: short
          priority: 100
          limits: {MaxWall: "10:00", MaxJobsPerUser: 2, GrpTRES: "cpu=4,gres/gpu=1,mem=2G"}
          flags: [DenyOnLimit]
          preempt: [low, normal]
          options: {UsageFactor: 0.5, PreemptMode: cancel}
        - low
      users:
        - {name: slurm, accounts: [theory, default], default_qos: short}
        - {name: alice, qos: [low, normal]}
        - bob
      """;

  @TempDir private Path directory;

  private ClusterDefinition read(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("own.yaml"), text);
    return new TestParameters(directory).with("definition", file).toDefinition();
  }

  private AccountingDefinition accounting(String text) throws IOException {
    return read(text).accounting().orElseThrow();
  }

  @Test
  void readsAccountsBehindTheirParents() throws IOException {
    assertThat(accounting(EVERYTHING).accounts())
        .containsExactly(
            new Account(
                "physics", Optional.empty(), 1, Map.of(), Optional.empty(), List.of(), List.of()),
            new Account(
                "theory",
                Optional.of("physics"),
                10,
                Map.of("MaxJobs", "3", "GrpTRES", "cpu=8"),
                Optional.of("low"),
                List.of("low"),
                List.of()));
  }

  @Test
  void readsQualitiesOfService() throws IOException {
    assertThat(accounting(EVERYTHING).qos())
        .containsExactly(
            new Qos(
                "short",
                100,
                Map.of(
                    "MaxWall",
                    "10:00",
                    "MaxJobsPerUser",
                    "2",
                    "GrpTRES",
                    "cpu=4,gres/gpu=1,mem=2G"),
                List.of("DenyOnLimit"),
                List.of("low", "normal"),
                Map.of("UsageFactor", "0.5", "PreemptMode", "cancel")),
            new Qos("low", 0, Map.of(), List.of(), List.of(), Map.of()));
  }

  @Test
  void licensesOfSlurmConfCanBeLimited() throws IOException {
    assertThat(
            accounting(
                    "preset: cpu\naccounting: true\nslurm_conf: ['Licenses=fluent:5,ansys']\n"
                        + "qos: [{name: a, limits: {GrpTRES: 'license/fluent=2,license/ansys=1'}}]")
                .qos())
        .extracting(Qos::limits)
        .containsExactly(Map.of("GrpTRES", "license/fluent=2,license/ansys=1"));
  }

  @Test
  void slurmsOwnQualityOfServiceMayHaveLimits() throws IOException {
    assertThat(
            accounting(
                    "preset: cpu\n"
                        + "accounting: true\n"
                        + "qos: [{name: normal, limits: {MaxJobsPerUser: 1}}]")
                .qos())
        .containsExactly(
            new Qos("normal", 0, Map.of("MaxJobsPerUser", "1"), List.of(), List.of(), Map.of()));
  }

  @Test
  void readsUsersWithAccounts() throws IOException {
    ClusterDefinition spec = read(EVERYTHING);

    assertThat(spec.accounting().orElseThrow().members())
        .containsExactly(
            new Member("alice", List.of("default"), Optional.empty(), List.of("low", "normal")),
            new Member("slurm", List.of("theory", "default"), Optional.of("short"), List.of()));
    assertThat(spec.users())
        .containsExactly(new UserDefinition("alice", 1002), new UserDefinition("bob", 1003));
  }

  @Test
  void enforcesWhatIsDefined() throws IOException {
    assertThat(accounting("preset: cpu\naccounting: true").enforce()).isEmpty();
    assertThat(accounting("preset: cpu\naccounting: true\nqos: [a]").enforce())
        .containsExactly("associations", "limits", "qos");
    assertThat(
            accounting("preset: cpu\naccounting: true\nqos: [a]\naccounting_enforce: []").enforce())
        .isEmpty();
    assertThat(accounting(EVERYTHING).enforce()).containsExactly("limits", "safe");
  }

  @Test
  void comesBackAsItWasWritten() throws IOException {
    ClusterDefinition spec = read(EVERYTHING);
    Path written = Files.writeString(directory.resolve("cluster.yaml"), ClusterYaml.write(spec));

    assertThat(ClusterYaml.read(written)).isEqualTo(spec);
  }

  @Test
  void isOffUnlessAskedFor() throws IOException {
    assertThat(read("preset: cpu").accounting()).isEmpty();
    assertThat(read("preset: cpu\naccounting: false").accounting()).isEmpty();
    assertThat(new TestParameters().with("accounting", true).toDefinition().accounting())
        .contains(AccountingDefinition.DEFAULT);
  }

  @Test
  void isOnInThePresetFullUnlessItIsSwitchedOff() {
    TestParameters full = new TestParameters().with("preset", "full");

    assertThat(full.toDefinition().accounting()).contains(AccountingDefinition.DEFAULT);
    assertThat(full.with("accounting", false).toDefinition().accounting()).isEmpty();
  }

  @Test
  void theParameterSwitchesWhatADefinitionDescribes() throws IOException {
    Path file =
        Files.writeString(directory.resolve("own.yaml"), "preset: cpu\naccounts: [physics]");
    ClusterDefinition spec =
        new TestParameters(directory)
            .with("definition", file)
            .with("accounting", true)
            .toDefinition();

    assertThat(spec.accounting().orElseThrow().accounts()).hasSize(1);
  }

  @Test
  void refusesAnExistingClusterWithoutAccounting() {
    ClusterParameters asked = new TestParameters().with("accounting", true).build();

    assertThatThrownBy(() -> asked.requireMatch(new TestParameters().toDefinition()))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("accounting")
        .hasMessageContaining("is not what the existing cluster has (false)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          accounts: [physics]                      | accounts is for a cluster with accounting, and this one has none: set accounting to true
          qos: [short]                             | qos is for a cluster with accounting
          accounting_enforce: [limits]             | accounting_enforce is for a cluster with accounting
          users: [{name: a, accounts: [b]}]        | users[0].accounts is for a cluster with accounting
          users: [{name: slurm, default_qos: b}]   | users[0].default_qos is for a cluster with accounting
          """)
  void refusesWhatNeedsAccountingWithoutIt(String said, String problem) {
    assertThatThrownBy(() -> read("preset: cpu\n" + said))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("own.yaml, line 2, column ")
        .hasMessageContaining(problem);
    assertThatThrownBy(() -> read("preset: cpu\naccounting: false\n" + said))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          accounts: [{name: a, parent: b}]                                 | accounts[0].parent: 'b' is not an account of this cluster: use a, root
          accounts: [{name: a, parent: b}, {name: b, parent: a}]           | accounts[0].parent: 'b' makes a circle of accounts (a below b below a): leave the parent of one of them out
          accounts: [{name: a, parent: a}]                                 | accounts[0].parent: 'a' makes a circle of accounts (a below a)
          accounts: [a, b, a]                                              | accounts[2].name: 'a' is there twice
          accounts: [Physics]                                              | accounts[0].name: 'Physics' is not a name: use lower-case letters
          accounts: ["a;drop"]                                             | accounts[0].name: 'a;drop' is not a name
          accounts: [root]                                                 | accounts[0].name: 'root' is Slurm's account above all others
          accounts: [{name: a, shares: -1}]                                | accounts[0].shares: '-1' is too small: use 0 or more
          accounts: [{name: a, users: [Eve]}]                              | accounts[0].users[0].name: 'Eve' is not the name of a user in accounting
          accounts: [{name: a, users: [b, b]}]                             | accounts[0].users[1].name: 'b' is there twice: leave one out, or give it another partition
          accounts: [{name: a, users: [{name: b, partition: c}]}]          | accounts[0].users[0].partition: 'c' is not a partition of this cluster: use debug
          accounts: [{name: a, users: [{name: b, shares: -1}]}]            | accounts[0].users[0].shares: '-1' is too small
          accounts: [{name: a, users: [{name: b, limits: {MaxFun: 1}}]}]   | accounts[0].users[0].limits: 'MaxFun' is not a limit of an account
          accounts: [{name: a, users: [{name: b, default_qos: c}]}]        | accounts[0].users[0].default_qos: 'c' is not a QOS of this cluster
          accounts: [{name: a, users: [{name: b, default: true}]}, {name: c, users: [{name: b, default: true}]}] | accounts[1].users[0].default: 'true' is a second default account of b, who has a: leave one of them out
          accounts: [{shares: 1}]                                          | accounts[0].name is missing
          qos: [{name: a, limits: {GrpTRES: cpus=4}}]                      | qos[0].limits.GrpTRES: 'cpus=4' limits 'cpus', which is not a TRES of this cluster: use billing, cpu, energy
          qos: [{name: a, limits: {MaxTRESPerUser: gres/gpu=1}}]           | qos[0].limits.MaxTRESPerUser: 'gres/gpu=1' limits 'gres/gpu', which is not a TRES of this cluster
          qos: [{name: a, limits: {MaxTRESPerUser: cpu}}]                  | qos[0].limits.MaxTRESPerUser: 'cpu' has no amount of cpu: use cpu=4 or so
          qos: [{name: a, limits: {MaxTRESPerUser: "cpu=many"}}]           | qos[0].limits.MaxTRESPerUser: 'cpu=many' has no amount of cpu
          qos: [{name: a, options: {Factor: 1}}]                           | qos[0].options: 'Factor' is not a setting of a QOS: use LimitFactor, PreemptExemptTime
          qos: [{name: a, options: {UsageFactor: "-1"}}]                   | qos[0].options.UsageFactor: '-1' is not a value that sacctmgr accepts: use a number such as 0.5
          qos: [{name: a, options: {PreemptMode: "kill"}}]                 | qos[0].options.PreemptMode: 'kill' is not a value that sacctmgr accepts
          qos: [{name: a, limits: {GrpTRES: license/fluent=5}}]            | qos[0].limits.GrpTRES: 'license/fluent=5' limits 'license/fluent', which is not a TRES of this cluster
          qos: [{name: a, limits: {MaxFun: 1}}]                            | qos[0].limits: 'MaxFun' is not a limit of a QOS: use GraceTime, GrpJobs
          qos: [{name: a, limits: {MaxWall: long}}]                        | qos[0].limits.MaxWall: 'long' is not a time limit
          qos: [{name: a, limits: {GraceTime: "1:00"}}]                    | qos[0].limits.GraceTime: '1:00' is not a number of seconds
          qos: [{name: a, limits: {MaxJobsPerUser: few}}]                  | qos[0].limits.MaxJobsPerUser: 'few' is not a number of jobs
          qos: [{name: a, flags: [Fun]}]                                   | qos[0].flags[0]: 'Fun' is not a flag of a QOS: use DenyOnLimit
          qos: [{name: a, preempt: [b]}]                                   | qos[0].preempt[0]: 'b' is not a QOS of this cluster: use a, normal
          qos: [{name: a, preempt: [~]}]                                   | qos[0].preempt[0] is missing
          qos: [a, a]                                                      | qos[1].name: 'a' is there twice
          accounts: [{name: a, limits: {MaxWalls: 1}}]                     | accounts[0].limits: 'MaxWalls' is not a limit of an account
          accounts: [{name: a, qos: [b]}]                                  | accounts[0].qos[0]: 'b' is not a QOS of this cluster: use normal
          accounts: [default]                                              | accounts[0].name: 'default' is the account of users without another one
          accounting_enforce: [all]                                        | accounting_enforce[0]: 'all' is not what Slurm enforces: use associations, limits
          qos: [{name: a, priority: -1}]                                   | qos[0].priority: '-1' is too small
          users: [{name: x, accounts: [b]}]                                | users[0].accounts[0]: 'b' is not an account of this cluster: use default
          users: [{name: x, default_qos: b}]                               | users[0].default_qos: 'b' is not a QOS of this cluster: use normal
          users: [{name: x, qos: [b]}]                                     | users[0].qos[0]: 'b' is not a QOS of this cluster: use normal
          users: [{name: x, accounts: [default]}, {name: x, accounts: [default]}]          | users[1].name: 'x' is there twice
          users: [{name: slurm, accounts: [default]}, {name: slurm, accounts: [default]}]  | users[1].name: 'slurm' is there twice
          users: [slurm]                                                   | users[0].name: 'slurm' is an account of every node already
          accounting_enforce: [everything]                                 | accounting_enforce[0]: 'everything' is not what Slurm enforces: use associations
          """)
  void refusesMistakes(String said, String problem) {
    assertThatThrownBy(() -> read("preset: cpu\naccounting: true\n" + said))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("own.yaml, line 3, column ")
        .hasMessageContaining(problem);
  }

  @Test
  void refusesADefaultQosThatTheUserMayNotUse() {
    assertThatThrownBy(
            () ->
                read(
                    "preset: cpu\naccounting: true\nqos: [a, b]\n"
                        + "users: [{name: x, qos: [a], default_qos: b}]"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("users[0].default_qos: 'b' is not among the user's qos");
  }
}
