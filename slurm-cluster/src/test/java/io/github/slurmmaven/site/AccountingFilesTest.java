/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.AccountingDefinition;
import io.github.slurmmaven.definition.AccountingDefinition.Account;
import io.github.slurmmaven.definition.AccountingDefinition.AccountUser;
import io.github.slurmmaven.definition.AccountingDefinition.Member;
import io.github.slurmmaven.definition.AccountingDefinition.Qos;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccountingFilesTest {

  private static final String SHOW =
      "Cluster|Account|User|Partition|Share|Priority|GrpJobs|GrpTRES|GrpSubmit|GrpWall|GrpTRESMins|MaxJobs|MaxTRES|MaxTRESPerNode|MaxSubmit|MaxWall|MaxTRESMins|QOS|Def"
          + " QOS|GrpTRESRunMins\n";

  @TempDir private Path directory;

  @BeforeEach
  void makeSite() throws IOException {
    write(
        "slurm.conf",
        """
        ClusterName=Vega
        AccountingStorageEnforce=limits,qos
        NodeName=a CPUs=4
        PartitionName=p Nodes=a Default=YES AllowAccounts=physics QOS=short
        """);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(directory.resolve(file), text);
  }

  private SiteTwin twin(String user) {
    return SiteTwin.of(directory, SlurmVersion.DEFAULT, 1, Optional.ofNullable(user));
  }

  private ClusterDefinition definition(SiteTwin twin) throws IOException {
    Path file = directory.resolve("twin/cluster.yaml");
    twin.write(file, directory.resolve("twin/slurm"), true);
    return ClusterYaml.read(file);
  }

  private AccountingDefinition accounting(SiteTwin twin) throws IOException {
    return definition(twin).accounting().orElseThrow();
  }

  @Test
  void readsWhatAnOrdinaryUserIsShown() throws IOException {
    write(
        "assoc.txt",
        SHOW
            + """
            vega|root|||1|||||||||||||normal||
            vega| physics|||10|||cpu=64|||||||100|1-00:00:00||normal,short||
            vega|  theory|||5|||||||||||1-00:00:00||normal,short|short|
            vega|   theory|alice||1|||||||||||1-00:00:00||normal,short|short|
            """);
    write("qos.txt", "Name|Priority|MaxWall|MaxTRESPU\nnormal|0||\nshort|5|00:10:00|cpu=2\n");

    AccountingDefinition accounting = accounting(twin(null));

    assertThat(accounting.enforce()).containsExactly("limits", "qos");
    assertThat(accounting.accounts())
        .containsExactly(
            new Account(
                "physics",
                Optional.empty(),
                10,
                Map.of("GrpTRES", "cpu=64", "MaxSubmitJobs", "100", "MaxWall", "1-00:00:00"),
                Optional.empty(),
                List.of(),
                List.of()),
            new Account(
                "theory",
                Optional.of("physics"),
                5,
                Map.of(),
                Optional.of("short"),
                List.of(),
                List.of(user("alice", Map.of()))));
    assertThat(accounting.qos())
        .extracting(Qos::name, Qos::priority)
        .containsExactly(tuple("short", 5));
    assertThat(accounting.members())
        .containsExactly(new Member("slurm", List.of("theory"), Optional.empty(), List.of()));
    assertThat(definition(twin(null)).partitions().get(0).options())
        .containsEntry("QOS", "short")
        .containsEntry("AllowAccounts", "physics");
  }

  @Test
  void takesTheDefaultAccountFromTheUsers() throws IOException {
    write(
        "assoc.txt", "Account|User|Def QOS\nphysics||\nphysics|alice|\ntheory||\ntheory|alice|\n");
    write("users.txt", "User|Def Acct|Admin\nalice|theory|None\n");

    SiteTwin twin = twin(null);

    assertThat(accounting(twin).members().get(0).accounts()).containsExactly("theory", "physics");
    assertThat(twin.report().text())
        .contains("all are below root: only sacctmgr -P show assoc tree shows the parents");
  }

  @Test
  void readsTheQualitiesOfServiceOfADump() throws IOException {
    write(
        "vega.cfg",
        """
        QOS - 'normal':Description='Normal QOS default':Flags='':GraceTime=0:UsageFactor=1.000000
        QOS - 'short':Description='a: b':Flags='DenyOnLimit':GraceTime=60:GrpTRES=mem=8G:MaxSubmitJobsPU=4:Preempt='normal':Priority=7
        Cluster - 'vega':Fairshare=1:QOS='normal,short'
        Parent - 'root'
        Account - 'physics':Description='it's':Organization='x'
        """);

    SiteTwin twin = twin(null);

    assertThat(accounting(twin).qos())
        .containsExactly(
            new Qos(
                "short",
                7,
                Map.of("GraceTime", "60", "GrpTRES", "mem=8G", "MaxSubmitJobsPerUser", "4"),
                List.of("DenyOnLimit"),
                List.of("normal"),
                Map.of()));
    assertThat(accounting(twin).members().get(0).accounts()).containsExactly("physics");
  }

  @Test
  void aUserHasTheAccountsOfTheOneWhoIsNamed() throws IOException {
    write(
        "assoc.txt",
        "Account|User|QOS\n"
            + "physics||short\n"
            + "physics|alice|short\n"
            + "chemistry||short\n"
            + "chemistry|bob|short\n");

    assertThat(accounting(twin("Bob")).members().get(0).accounts()).containsExactly("chemistry");
    assertThat(accounting(twin(null)).members().get(0).accounts())
        .containsExactly("physics", "chemistry");
    assertThatExceptionOfType(InvalidParameterException.class)
        .isThrownBy(() -> twin("carol"))
        .satisfies(e -> assertThat(e.problem()).contains("is not a user of the site's accounting"));
  }

  @Test
  void takesTheClusterOfSlurmConfFromSeveral() throws IOException {
    write("assoc.txt", "Cluster|Account|User|QOS\nvega|physics||short\nrigel|chemistry||short\n");

    assertThat(accounting(twin(null)).accounts())
        .extracting(Account::name)
        .containsExactly("physics");
    write("assoc.txt", "Cluster|Account|User|QOS\nsirius|physics||\nrigel|chemistry||\n");
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> twin(null))
        .withMessageContaining("assoc.txt, line 2")
        .withMessageContaining("none is the ClusterName of slurm.conf, Vega");
  }

  @Test
  void partitionsAreOpenWithoutTheData() throws IOException {
    SiteTwin twin = twin(null);

    assertThat(definition(twin).accounting()).isEmpty();
    assertThat(definition(twin).partitions().get(0).options())
        .doesNotContainKeys("QOS", "AllowAccounts");
    assertThat(twin.report().text())
        .contains("the site's accounts are not beside slurm.conf")
        .contains("the site's qualities of service are not beside slurm.conf");
    assertThatExceptionOfType(InvalidParameterException.class)
        .isThrownBy(() -> twin("alice"))
        .satisfies(e -> assertThat(e.problem()).contains("sacctmgr -P show assoc tree"));
  }

  private static AccountUser user(String name, Map<String, String> limits) {
    return new AccountUser(
        name, false, Optional.empty(), Optional.empty(), limits, Optional.empty(), List.of());
  }

  @Test
  void allUsersOfTheSiteHaveTheirRulesAndTheTwinsUserHasThoseOfOne() throws IOException {
    write(
        "vega.cfg",
        """
        Cluster - 'vega':Fairshare=1:MaxJobs=500
        Parent - 'root'
        Account - 'physics':MaxSubmitJobs=50
        User - 'root':MaxJobs=1
        Parent - 'physics'
        Account - 'theory':MaxTRESPerJob=cpu=4
        User - 'alice':DefaultAccount='theory':MaxJobs=20:MaxTRESPerJob=cpu=8,node=1:GrpJobs=3
        User - 'bob'
        User - 'DOMAIN\\eve'
        User - 'slurm'
        Parent - 'theory'
        User - 'alice':DefaultAccount='theory':Partition='p':Fairshare=7:QOS='short'
        User - 'bob':Partition='gone'
        """);
    Map<String, String> ofAlice =
        Map.of("MaxJobs", "20", "MaxTRESPerJob", "cpu=8,node=1", "GrpJobs", "3");

    SiteTwin twin = twin("alice");

    assertThat(accounting(twin).accounts())
        .extracting(Account::name, Account::limits)
        .containsExactly(
            tuple("physics", Map.of("MaxJobs", "500", "MaxSubmitJobs", "50")),
            tuple("theory", Map.of("MaxTRESPerJob", "cpu=4")));
    assertThat(accounting(twin).accounts().get(0).users())
        .containsExactly(user("alice", ofAlice), user("slurm", ofAlice), user("bob", Map.of()));
    assertThat(accounting(twin).accounts().get(1).users())
        .extracting(
            AccountUser::name, AccountUser::isDefault, AccountUser::partition, AccountUser::shares)
        .containsExactly(
            tuple("alice", true, Optional.of("p"), Optional.of(7)),
            tuple("slurm", false, Optional.of("p"), Optional.of(7)),
            tuple("bob", false, Optional.empty(), Optional.empty()));
    assertThat(accounting(twin).members())
        .containsExactly(new Member("slurm", List.of("physics"), Optional.empty(), List.of()));
    assertThat(twin.user()).get().asString().contains("has the accounts and rules of alice");
    assertThat(twin.report().text())
        .contains("has a name that a definition does not take")
        .contains("is the name of the twin's own user")
        .contains("in all partitions, as the twin does not have this one");
    assertThat(accounting(twin(null)).accounts().get(0).users())
        .extracting(AccountUser::name)
        .containsExactly("alice", "bob");
  }

  /** Slurm opens a partition to all when it knows none of the accounts that it allows. */
  @Test
  void hasAccountsAndQosThatOnlyPartitionsName() throws IOException {
    write(
        "slurm.conf",
        """
        NodeName=a CPUs=4
        PartitionName=p Nodes=a Default=YES AllowAccounts=ALL
        PartitionName=q Nodes=a AllowAccounts=Staff,physics AllowQos=night
        """);
    write("assoc.txt", "Account|User|QOS\nphysics|alice|normal\n");

    SiteTwin twin = twin(null);

    assertThat(accounting(twin).accounts())
        .extracting(Account::name)
        .containsExactly("physics", "staff");
    assertThat(accounting(twin).qos()).extracting(Qos::name).containsExactly("night");
    assertThat(accounting(twin).members().get(0).accounts()).containsExactly("physics");
    assertThat(twin.report().text())
        .contains("staff has no limits, because the site's files do not describe it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Cluster - 'vega':Fairshare=1\nSomething else",
        "Cluster - 'vega':Fairshare=1\nParent - 'root':whatever",
        "Name|Priority\nnormal|0|1"
      })
  void namesThePlaceOfAMistake(String text) throws IOException {
    write("vega.cfg", text);

    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> twin(null))
        .withMessageContaining("site: vega.cfg, line 2, column ")
        .withMessageContaining("make the file anew with sacctmgr");
  }

  @Test
  void refusesTwoFilesOfAKind() throws IOException {
    write("a.txt", "Account|User\nphysics|\n");
    write("b.txt", "Account|User\nphysics|\n");

    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> twin(null))
        .withMessage("site: a.txt and b.txt both have associations of sacctmgr: leave one of them");
  }
}
