/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.FileContent;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.Presets;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.definition.TestParameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RendererTest {

  /** {@code -Dgolden.update} writes what is rendered now instead of comparing with it. */
  private static final boolean UPDATE = System.getProperty("golden.update") != null;

  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path DIRECTORY = Path.of("/home/user/project/.slurm-cluster/slurm-test");
  private static final int CPUS = 64;
  private static final int MEMORY = 262144;
  private static final int SSH_PORT = 2222;
  private static final int REGISTRY_PORT = 5000;
  private static final int REST_PORT = 6820;
  private static final int SLURM_PORT = 17000;
  private static final int SLURMDBD_PORT = 18000;

  private static final String ACCOUNTING =
      """
      preset: gpu
      slurm_version: "%s"
      accounting: true
      accounts:
        - {name: theory, parent: physics, shares: 10, limits: {MaxJobs: 3}, default_qos: short, qos: [short, low]}
        - name: physics
          users: [mia, ned, {name: eve, default: true, limits: {MaxJobs: 1}}, {name: slurm, partition: debug, shares: 3}, {name: slurm, limits: {MaxJobs: 9}, qos: [low]}]
      qos:
        - name: short
          priority: 100
          limits: {MaxWall: "10:00", MaxJobsPerUser: 2, GrpTRES: "cpu=4,gres/gpu=1"}
          flags: [DenyOnLimit]
          preempt: [low]
          options: {UsageFactor: 0.5, PreemptMode: cancel}
        - low
        - {name: normal, limits: {MaxSubmitJobsPerUser: 50}}
      users:
        - {name: slurm, accounts: [theory, physics], default_qos: short}
      """;

  /** More of the list that {@link #ACCOUNTING} ends with. */
  private static final String OTHER_USERS =
      """
        - {name: alice, qos: [low]}
        - bob
      """;

  private final Path temporary;

  RendererTest(@TempDir Path temporary) {
    this.temporary = temporary;
  }

  static List<Arguments> clusters() {
    List<Arguments> all = new ArrayList<>();
    for (String preset : Presets.NAMES) {
      for (SlurmVersion version : SlurmVersion.packaged()) {
        all.add(Arguments.of(preset, version));
      }
    }
    return all;
  }

  private static ClusterDefinition definition(String preset, SlurmVersion version) {
    return new TestParameters()
        .with("preset", preset)
        .with("slurmVersion", version.release())
        .toDefinition();
  }

  private static RenderContext context(
      ClusterDefinition definition, Path directory, int cpus, long memory) {
    return new RenderContext(
        definition, directory, containers(definition, directory, cpus, memory));
  }

  private static RenderTarget.Containers containers(
      ClusterDefinition definition, Path directory, int cpus, long memory) {
    return new RenderTarget.Containers(
        new ClusterId(definition.name(), directory).project(),
        definition.image().orElse("slurm-cluster:" + definition.slurmVersion() + "-0123456789ab"),
        "198.18.7",
        "127.0.0.1",
        SSH_PORT,
        REGISTRY_PORT,
        REST_PORT,
        cpus,
        memory);
  }

  private static Map<String, String> renderProcesses(ClusterDefinition definition, Path directory) {
    return RenderedTexts.of(
        new RenderContext(
            definition,
            directory,
            new RenderTarget.Processes(
                directory,
                "user",
                SSH_PORT,
                SLURM_PORT,
                SLURMDBD_PORT,
                REST_PORT,
                new TreeMap<>(Map.of("LANG", "C.UTF-8", "PATH", "/usr/bin:/bin")))));
  }

  private static Map<String, String> render(ClusterDefinition definition, Path directory) {
    return RenderedTexts.of(context(definition, directory, CPUS, MEMORY));
  }

  private static void write(Map<String, String> files, Path directory) {
    files.forEach(
        (name, content) -> {
          try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static Map<String, String> read(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> paths = Files.walk(directory)) {
        for (Path file : paths.filter(Files::isRegularFile).toList()) {
          files.put(directory.relativize(file).toString(), Files.readString(file));
        }
      }
    }
    return files;
  }

  private static ComposeService service(ComposeProject project, NodeDefinition node) {
    return Objects.requireNonNull(project.services().get(node.name()), node.name());
  }

  private ComposeProject project(ClusterDefinition definition) {
    write(render(definition, temporary), temporary);
    return ComposeProject.read(temporary, Map.of());
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void filesAreTheGoldenOnes(String preset, SlurmVersion version) throws IOException {
    ClusterDefinition definition = definition(preset, version);
    assertGolden(preset + "-" + version.release(), render(definition, DIRECTORY));
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void filesForProcessesAreTheGoldenOnes(String preset, SlurmVersion version) throws IOException {
    ClusterDefinition definition = definition(preset, version);
    assertGolden(
        "embedded/" + preset + "-" + version.release(), renderProcesses(definition, DIRECTORY));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void filesOfAClusterWithAccountingAreTheGoldenOnes(SlurmVersion version) throws IOException {
    ClusterDefinition spec = withAccounting(version, ACCOUNTING + OTHER_USERS);
    assertGolden("accounting-" + version.release(), render(spec, DIRECTORY));
  }

  private ClusterDefinition withAccounting(SlurmVersion version, String text) throws IOException {
    Path definition =
        Files.writeString(temporary.resolve("accounting.yaml"), text.formatted(version.release()));
    return new TestParameters(temporary).with("definition", definition).toDefinition();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void filesOfProcessesWithAccountingAreTheGoldenOnes(SlurmVersion version) throws IOException {
    ClusterDefinition spec = withAccounting(version, ACCOUNTING);
    assertGolden("embedded/accounting-" + version.release(), renderProcesses(spec, DIRECTORY));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void filesOfAClusterWithSlurmrestdAreTheGoldenOnes(SlurmVersion version) throws IOException {
    ClusterDefinition definition =
        new TestParameters()
            .with("preset", "multi-node")
            .with("slurmVersion", version.release())
            .with("rest", true)
            .with("accounting", true)
            .toDefinition();

    assertGolden("rest-" + version.release(), render(definition, DIRECTORY));
  }

  @Test
  void aFastClockGetsLongTimeOuts() {
    String slurm =
        render(new TestParameters().with("clockSpeed", 100).toDefinition(), DIRECTORY)
            .get("config/slurm.conf");

    assertThat(slurm)
        .contains("cred_expire=500")
        .contains("\nSlurmdTimeout=3000\n", "\nKillWait=500\n", "\nMessageTimeout=1000\n")
        .contains("\nMinJobAge=30000\n", "\nTCPTimeout=200\n", "\nUnkillableStepTimeout=6000\n")
        .contains("sched_interval=5,bf_interval=5")
        .contains("\nJobAcctGatherFrequency=task=100\n");
  }

  @Test
  void timeOutsFitIntoSixteenBitsAndADefinitionsOwnCount() {
    String slurm =
        render(
                new TestParameters()
                    .with("clockSpeed", 1000)
                    .with("document", document("MinJobAge=7"))
                    .toDefinition(),
                DIRECTORY)
            .get("config/slurm.conf");

    assertThat(slurm)
        .contains("\nUnkillableStepTimeout=60000\n", "\nMessageTimeout=10000\n")
        .contains("\nMinJobAge=7\n")
        .doesNotContain("MinJobAge=65000");
  }

  @Test
  void pbsCommandsAreWaitedForAndJobsHaveTheirVariables() {
    Map<String, String> files =
        render(new TestParameters().with("pbsCommands", true).toDefinition(), DIRECTORY);

    assertThat(files.get("docker-compose.yml")).contains("SLURM_PBS: \"yes\"");
    assertThat(files.get("config/plugstack.conf")).contains("\nrequired spank_pbs.so\n");
    assertThat(files.get("cluster.yaml")).contains("\npbs_commands: true\n");
  }

  @Test
  void processesHaveThePortOfSlurmrestd() {
    Map<String, String> files =
        renderProcesses(new TestParameters().with("rest", true).toDefinition(), DIRECTORY);

    assertThat(files.get(".env")).contains("SLURM_MAVEN_REST_PORT=" + REST_PORT + "\n");
    assertThat(files.get("config/slurm.conf"))
        .contains("AuthAltTypes=auth/jwt\n")
        .contains("AuthAltParameters=jwt_key=" + DIRECTORY + "/secrets/jwt_hs256.key\n");
  }

  static List<SlurmVersion> versions() {
    return SlurmVersion.packaged();
  }

  @Test
  void accountingLeavesPriorityToTheDefinition() {
    ClusterDefinition spec =
        new TestParameters()
            .with("document", document("prioritytype = priority/basic"))
            .with("accounting", true)
            .toDefinition();

    assertThat(render(spec, DIRECTORY).get("config/slurm.conf"))
        .doesNotContain("PriorityType=priority/multifactor")
        .contains("AccountingStorageType=accounting_storage/slurmdbd\n")
        .doesNotContain("AccountingStorageEnforce")
        .doesNotContain("AccountingStorageTRES");
  }

  @Test
  void authInfoOfTheDefinitionJoinsOurOwn() {
    ClusterDefinition definition =
        withSlurmConf("authinfo = cred_expire=30,ttl=60", "Licenses=a:1 AuthInfo=x=1");

    assertThat(renderProcesses(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("AuthInfo=")
        .contains("AuthInfo=socket=" + DIRECTORY + "/run/munge.socket,cred_expire=30,ttl=60,x=1\n")
        .endsWith("# From the cluster's definition.\nLicenses=a:1\n");
    assertThat(render(definition, DIRECTORY).get("config/slurm.conf"))
        .contains("AuthInfo=cred_expire=30,ttl=60,x=1\n")
        .doesNotContain("authinfo");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          SchedulerParameters=defer             | batch_sched_delay=0,sched_min_interval=0,sched_interval=1,bf_interval=1,defer
          schedulerparameters = BF_Interval=30  | batch_sched_delay=0,sched_min_interval=0,sched_interval=1,BF_Interval=30
          SchedulerParameters+=sched_interval=9 | batch_sched_delay=0,sched_min_interval=0,sched_interval=9,bf_interval=1
          SchedulerParameters="defer, nohold"   | batch_sched_delay=0,sched_min_interval=0,sched_interval=1,bf_interval=1,defer,nohold
          MaxJobCount=7 # SchedulerParameters=x | batch_sched_delay=0,sched_min_interval=0,sched_interval=1,bf_interval=1
          """)
  void schedulerParametersOfTheDefinitionJoinOurOwn(String line, String merged) {
    assertThat(render(withSlurmConf(line), DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("SchedulerParameters=" + merged + "\n")
        .satisfies(
            text ->
                assertThat(text.lines().filter(it -> it.matches("(?i)SchedulerParameters.*")))
                    .hasSize(1));
  }

  @Test
  void jobThatExceedsItsMemoryIsKilledWithOtherGatherParameters() {
    assertThat(
            render(withSlurmConf("JobAcctGatherParams=UsePss,NoShared"), DIRECTORY)
                .get("config/slurm.conf"))
        .containsOnlyOnce("JobAcctGatherParams=")
        .contains("JobAcctGatherParams=OverMemoryKill,UsePss,NoShared\n");
  }

  @Test
  void slurmdParametersOfTheDefinitionJoinOurOwn() {
    assertThat(
            render(withSlurmConf("SlurmdParameters=l3cache_as_socket"), DIRECTORY)
                .get("config/slurm.conf"))
        .containsOnlyOnce("SlurmdParameters=")
        .contains("SlurmdParameters=config_overrides,l3cache_as_socket\n")
        .doesNotContain("# From the cluster's definition.");
  }

  @Test
  void runsTheEpilogOfOurOwnImageWhereNoneIsNamed() {
    String ours = "Epilog=/usr/local/libexec/slurm-epilog\n";
    ClusterDefinition otherImage =
        new TestParameters().with("image", "site/slurm:1").toDefinition();

    assertThat(render(withSlurmConf(), DIRECTORY).get("config/slurm.conf")).contains(ours);
    assertThat(render(otherImage, DIRECTORY).get("config/slurm.conf"))
        .contains("Epilog=/bin/true\n");
  }

  @Test
  void theEpilogOfTheDefinitionRunsAfterOurs() {
    ClusterDefinition definition = withSlurmConf("Licenses=a:1 Epilog=/etc/slurm/epilog.d/*");

    assertThat(render(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("Epilog=")
        .contains("Epilog=/etc/slurm/slurm-maven/epilog\n")
        .endsWith("# From the cluster's definition.\nLicenses=a:1\n");
    assertThat(render(definition, DIRECTORY).get("config/slurm-maven/epilog"))
        .startsWith("#!/bin/sh\n")
        .contains("\nfor script in /usr/local/libexec/slurm-epilog /etc/slurm/epilog.d/*; do\n");
    assertThat(renderProcesses(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("Epilog=")
        .contains("Epilog=" + DIRECTORY + "/config/epilog.d/*\n");
  }

  @Test
  void theTaskPrologOfTheDefinitionRunsAfterOurs() {
    ClusterDefinition definition = withSlurmConf("TaskProlog=\"/etc/slurm/task $(x).sh\"");

    assertThat(renderProcesses(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("TaskProlog=")
        .contains("TaskProlog=" + DIRECTORY + "/config/slurm-maven/taskprolog\n");
    assertThat(renderProcesses(definition, DIRECTORY).get("config/slurm-maven/taskprolog"))
        .contains(
            "\nfor script in %s/bin/task-prolog %s/config/task\\ \\$\\(x\\).sh; do\n"
                .formatted(DIRECTORY, DIRECTORY));
    assertThat(render(definition, DIRECTORY))
        .doesNotContainKey("config/slurm-maven/taskprolog")
        .hasEntrySatisfying(
            "config/slurm.conf",
            text -> assertThat(text).containsOnlyOnce("TaskProlog=\"/etc/slurm/task $(x).sh\"\n"));
  }

  @Test
  void jobClockIsATaskPrologThatNamesTheLibraryAndTheClock() {
    ClusterDefinition definition = new TestParameters().with("jobClock", true).toDefinition();

    assertThat(render(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("TaskProlog=")
        .contains("TaskProlog=/etc/slurm/slurm-maven/job-clock\n");
    assertThat(render(definition, DIRECTORY).get("config/slurm-maven/job-clock"))
        .startsWith("#!/bin/sh\n")
        .contains("export LD_PRELOAD=/usr/local/lib/libjobclock.so$")
        .contains("export SLURM_JOB_CLOCK=/etc/slurm/clock\"");
    assertThat(renderProcesses(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("TaskProlog=")
        .contains("TaskProlog=" + DIRECTORY + "/config/slurm-maven/taskprolog\n");
    assertThat(renderProcesses(definition, DIRECTORY).get("config/slurm-maven/taskprolog"))
        .contains(
            "\nfor script in %1$s/bin/task-prolog %1$s/config/slurm-maven/job-clock ; do\n"
                .formatted(DIRECTORY));
    assertThat(renderProcesses(definition, DIRECTORY).get("config/slurm-maven/job-clock"))
        .contains("export LD_PRELOAD=" + DIRECTORY + "/bundle/libexec/libjobclock.so$")
        .contains("export SLURM_JOB_CLOCK=" + DIRECTORY + "/config/clock\"");
  }

  @Test
  void jobClockRunsBesideTheTaskPrologOfTheDefinition() {
    ClusterDefinition definition =
        new TestParameters()
            .with("jobClock", true)
            .with("document", document("TaskProlog=/opt/t.sh"))
            .toDefinition();

    assertThat(render(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("TaskProlog=")
        .contains("TaskProlog=/etc/slurm/slurm-maven/taskprolog\n");
    assertThat(render(definition, DIRECTORY).get("config/slurm-maven/taskprolog"))
        .contains("\nfor script in /etc/slurm/slurm-maven/job-clock /opt/t.sh; do\n");
  }

  @Test
  void withoutJobClockTasksGetNoClock() {
    ClusterDefinition definition = new TestParameters().toDefinition();

    assertThat(render(definition, DIRECTORY))
        .doesNotContainKey("config/slurm-maven/job-clock")
        .hasEntrySatisfying(
            "config/slurm.conf", text -> assertThat(text).doesNotContain("TaskProlog"));
    assertThat(renderProcesses(definition, DIRECTORY))
        .doesNotContainKey("config/slurm-maven/job-clock")
        .doesNotContainKey("config/slurm-maven/taskprolog");
  }

  @Test
  void filesOfTheSiteAreBesideSlurmConf() throws IOException {
    Path site = Files.createDirectories(temporary.resolve("site/plugstack.conf.d"));
    Files.writeString(site.resolve("demo.conf"), "required /etc/slurm/demo.so\n");
    Files.writeString(temporary.resolve("site/job_submit.lua"), "return slurm.SUCCESS\n");
    Files.write(temporary.resolve("site/demo.so"), new byte[] {0x7f, 'E', 'L', 'F', -1, 0});
    ClusterDefinition definition =
        new TestParameters(temporary).with("slurmFiles", Path.of("site")).toDefinition();

    Map<String, FileContent> files =
        new Renderer().render(context(definition, DIRECTORY, CPUS, MEMORY));

    assertThat(files.get("config/demo.so").bytes()).containsExactly(0x7f, 'E', 'L', 'F', -1, 0);
    assertThat(files.get("config/plugstack.conf.d/demo.conf").text())
        .contains("required /etc/slurm/demo.so\n");
    assertThat(files.get("config/slurm.conf").text().orElseThrow())
        .contains("\nJobSubmitPlugins=lua\n")
        .doesNotContain("CliFilterPlugins");
    Files.delete(temporary.resolve("site/demo.so"));
    assertThat(renderProcesses(definition, DIRECTORY))
        .containsEntry(
            "config/plugstack.conf.d/demo.conf", "required " + DIRECTORY + "/config/demo.so\n");
  }

  @Test
  void pluginsThatTheDefinitionNamesStay() throws IOException {
    Files.writeString(
        Files.createDirectories(temporary.resolve("src/slurm")).resolve("job_submit.lua"), "");
    ClusterDefinition definition =
        new TestParameters(temporary)
            .with("document", document("JobSubmitPlugins=require_timelimit,lua"))
            .toDefinition();

    assertThat(render(definition, DIRECTORY).get("config/slurm.conf"))
        .containsOnlyOnce("JobSubmitPlugins=")
        .contains("\nJobSubmitPlugins=require_timelimit,lua\n");
  }

  @Test
  void aCommentOfTheDefinitionStays() {
    String comment = "MaxJobCount=7 # not AuthInfo=x=1";

    assertThat(render(withSlurmConf(comment), DIRECTORY).get("config/slurm.conf"))
        .endsWith("# From the cluster's definition.\n" + comment + "\n");
  }

  @Test
  void slurmctldKeepsEndedJobsInAFileUnlessTheDefinitionSaysWhere() {
    assertThat(render(withSlurmConf("MaxJobCount=7"), DIRECTORY).get("config/slurm.conf"))
        .contains(
            "\nJobCompType=jobcomp/filetxt\nJobCompLoc=/var/spool/slurmctld/ended-jobs.txt\n");

    for (String own : List.of("JobCompType=jobcomp/script", "JobCompLoc=/var/log/jobs")) {
      assertThat(render(withSlurmConf(own), DIRECTORY).get("config/slurm.conf"))
          .containsOnlyOnce("JobComp")
          .endsWith("\n" + own + "\n");
    }
  }

  private static ClusterDefinition withSlurmConf(String... lines) {
    return new TestParameters().with("document", document(lines)).toDefinition();
  }

  private static ClusterDocument document(String... slurmConf) {
    return ClusterDocument.of(Map.of("slurmConf", List.of(slurmConf)));
  }

  private static void assertGolden(String name, Map<String, String> rendered) throws IOException {
    Path golden = GOLDEN.resolve(name);
    if (UPDATE) {
      for (String old : read(golden).keySet()) {
        Files.delete(golden.resolve(old));
      }
      write(rendered, golden);
    }

    Map<String, String> expected = read(golden);

    assertThat(rendered.keySet())
        .as("files in %s; after a wanted change run mvn test with -Dgolden.update", golden)
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach(
        (file, content) ->
            assertThat(rendered.get(file)).as("%s/%s", golden, file).isEqualTo(content));
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void sameContextGivesSameBytes(String preset, SlurmVersion version) {
    ClusterDefinition definition = definition(preset, version);

    assertThat(render(definition, DIRECTORY)).isEqualTo(render(definition, DIRECTORY));
    assertThat(renderProcesses(definition, DIRECTORY))
        .isEqualTo(renderProcesses(definition, DIRECTORY));
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void definitionAmongTheFilesIsTheClusterItself(String preset, SlurmVersion version) {
    ClusterDefinition definition = definition(preset, version);
    write(render(definition, temporary), temporary);

    assertThat(ClusterYaml.read(temporary.resolve("cluster.yaml"))).isEqualTo(definition);
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void composeFileRunsEveryNode(String preset, SlurmVersion version) {
    ClusterDefinition definition = definition(preset, version);
    ComposeProject project = project(definition);

    assertThat(project.name()).isEqualTo(new ClusterId(definition.name(), temporary).project());
    for (NodeDefinition node : definition.nodes()) {
      ComposeService service = service(project, node);
      assertThat(service.hostname()).hasValue(node.name());
      assertThat(service.cpus()).hasValue(node.cpus());
      assertThat(service.memory()).hasValue(node.memory() * 1024L * 1024);
      assertThat(service.labels())
          .containsEntry("io.github.slurmmaven.cluster", definition.name())
          .containsEntry("io.github.slurmmaven.directory", temporary.toString())
          .containsEntry("io.github.slurmmaven.node", node.name())
          .containsEntry("io.github.slurmmaven.role", node.role().id());
    }
    project
        .networks()
        .values()
        .forEach(
            network ->
                assertThat(network.labels())
                    .containsEntry("io.github.slurmmaven.cluster", definition.name())
                    .containsEntry("io.github.slurmmaven.directory", temporary.toString()));
    project
        .volumes()
        .values()
        .forEach(
            volume ->
                assertThat(volume.labels())
                    .containsEntry("io.github.slurmmaven.cluster", definition.name())
                    .containsEntry("io.github.slurmmaven.directory", temporary.toString()));
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void nothingIsPrivilegedAndOnlySshIsPublishedOnLoopback(String preset, SlurmVersion version) {
    Set<String> published = new HashSet<>();
    for (ComposeService service : project(definition(preset, version)).services().values()) {
      assertThat(service.privileged()).as(service.name()).isFalse();
      assertThat(service.capAdd()).as(service.name()).isEmpty();
      assertThat(service.securityOpt()).as(service.name()).contains("no-new-privileges:true");
      // Jobs in containers are the one exception, and PyxisRenderTest's.
      if (!preset.equals("full")) {
        assertThat(service.securityOpt()).as(service.name()).hasSize(1);
      }
      assertThat(service.ports())
          .as(service.name())
          .allSatisfy(port -> assertThat(port.hostAddress()).hasValue("127.0.0.1"));
      service.ports().forEach(port -> published.add(port.hostPort() + ":" + port.containerPort()));
    }

    assertThat(published).contains(SSH_PORT + ":22");
  }

  /** Slurm would choose a plugin by the host's cgroups, and the one for v2 turns to systemd. */
  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void cgroupPluginIsFixedAndLeavesTheHostAlone(String preset, SlurmVersion version) {
    ClusterDefinition definition = definition(preset, version);
    String plugin = version.equals(SlurmVersion.V22_05) ? "cgroup/v1" : "disabled";

    for (Map<String, String> files :
        List.of(render(definition, DIRECTORY), renderProcesses(definition, DIRECTORY))) {
      assertThat(files.get("config/cgroup.conf").lines().filter(line -> !line.startsWith("#")))
          .containsExactly("CgroupPlugin=" + plugin);
      assertThat(files.get("config/slurm.conf"))
          .contains("ProctrackType=proctrack/linuxproc")
          .contains("TaskPlugin=task/none")
          .contains("JobAcctGatherType=jobacct_gather/linux");
    }
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void aContainerHasNoCapabilityThatItDoesNotNeed(String preset, SlurmVersion version) {
    ClusterDefinition definition = definition(preset, version);
    ComposeProject project = project(definition);
    Set<String> login = Set.of("AUDIT_WRITE", "NET_BIND_SERVICE", "SYS_CHROOT");
    for (NodeDefinition node : definition.nodes()) {
      List<String> dropped = project.services().get(node.name()).capDrop();
      assertThat(dropped)
          .as(node.name())
          .contains("FSETID", "MKNOD", "NET_RAW", "SETFCAP")
          .doesNotContain("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID");
      assertThat(dropped.contains("SETPCAP")).as(node.name()).isEqualTo(!node.role().runsJobs());
      if (node.role().runsController()) {
        assertThat(dropped).as(node.name()).doesNotContainAnyElementsOf(login);
      } else {
        assertThat(dropped).as(node.name()).contains("AUDIT_WRITE", "NET_BIND_SERVICE");
        assertThat(dropped.contains("SYS_CHROOT"))
            .as(node.name())
            .isEqualTo(definition.pyxis().isEmpty());
      }
    }
    if (definition.registry().isPresent()) {
      assertThat(project.services().get("registry").capDrop()).containsExactly("ALL");
    }
  }

  @ParameterizedTest(name = "{0}-{1}")
  @MethodSource("clusters")
  void addressesAreInTheNetworkAndDiffer(String preset, SlurmVersion version) {
    ComposeProject project = project(definition(preset, version));
    List<String> addresses =
        project.services().values().stream()
            .flatMap(service -> service.networks().stream())
            .flatMap(network -> network.ipv4Address().stream())
            .toList();

    assertThat(addresses)
        .isNotEmpty()
        .doesNotHaveDuplicates()
        .doesNotContain("198.18.7.0", "198.18.7.1", "198.18.7.255")
        .allMatch(address -> address.startsWith("198.18.7."));
    assertThat(project.networks().values())
        .anySatisfy(network -> assertThat(network.subnet()).hasValue("198.18.7.0/24"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dollar $HOME ${HOME} $$ ${",
        "quotes ' \" `",
        "  spaces  ",
        "ünï-ço∂é-漢字",
        "back\\slash\\n",
        "#hash: colon",
        "percent%20",
        "{braces} [brackets] & *star | > !",
        "tab\there",
        "line\nbreak",
        "#set($x) #end"
      })
  void directoryNameComesOutLiterally(String folder) throws IOException {
    Path directory = Files.createDirectories(temporary.resolve(folder));
    ClusterDefinition definition = new TestParameters().toDefinition();
    write(render(definition, directory), directory);

    ComposeProject project = ComposeProject.read(directory, Map.of("HOME", "/wrong"));

    ComposeService service = service(project, definition.controller());
    assertThat(service.labels())
        .containsEntry("io.github.slurmmaven.directory", directory.toString());
    assertThat(service.mounts())
        .extracting(ComposeService.Mount::source)
        .contains(directory.resolve("config").toString());
    assertThat(project.networks().values())
        .allSatisfy(
            network ->
                assertThat(network.labels())
                    .containsEntry("io.github.slurmmaven.directory", directory.toString()));
  }

  /** What YAML readers, Compose's among them, would otherwise take for a number or for nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"1", "007", "1e5", "0x10", "null", "true", "no", "1_000", "12-24"})
  void clusterNameStaysText(String name) {
    ComposeProject project = project(new TestParameters().with("name", name).toDefinition());

    assertThat(project.services().values())
        .allSatisfy(
            service ->
                assertThat(service.labels()).containsEntry("io.github.slurmmaven.cluster", name));
    String compose =
        RenderedTexts.of(
                context(new TestParameters().with("name", name).toDefinition(), temporary, 1, 512))
            .get("docker-compose.yml");
    assertThat(compose).contains("io.github.slurmmaven.cluster: \"" + name + "\"");
  }

  @Test
  void limitsAreClampedToThePlaceWhileSlurmKeepsTheNumbersAskedFor() {
    ClusterDefinition definition =
        new TestParameters().with("cpusPerNode", 96).with("memoryPerNode", 500_000).toDefinition();
    RenderContext context = context(definition, temporary, 2, 3000);
    write(RenderedTexts.of(context), temporary);

    ComposeService service =
        service(ComposeProject.read(temporary, Map.of()), definition.controller());

    assertThat(service.cpus()).hasValue(2);
    assertThat(service.memory()).hasValue(3000L * 1024 * 1024);
    assertThat(temporary.resolve("config/slurm.conf"))
        .content()
        .contains("CPUs=96 RealMemory=500000");
    assertThat(Renderer.clampedLimits(definition, containers(definition, temporary, 2, 3000)))
        .containsExactly("96 CPUs to 2", "500000 MB of memory to 3000 MB");
    assertThat(Renderer.clampedLimits(definition, containers(definition, temporary, 96, 500_000)))
        .isEmpty();
  }

  @Test
  void sshIsAsAskedFor() {
    ComposeProject project =
        project(
            new TestParameters()
                .with("bindAddress", "0.0.0.0")
                .with("passwordLogin", false)
                .toDefinition());

    assertThat(project.services().values())
        .singleElement()
        .satisfies(
            service -> {
              assertThat(service.environment()).containsEntry("SLURM_PASSWORD_LOGIN", "no");
              assertThat(service.ports())
                  .singleElement()
                  .satisfies(port -> assertThat(port.hostAddress()).hasValue("0.0.0.0"));
            });
  }

  @Test
  void imageIsTheOneNamed() {
    assertThat(
            project(new TestParameters().with("image", "localhost:5000/slurm:1").toDefinition())
                .services()
                .values())
        .allMatch(service -> service.image().equals("localhost:5000/slurm:1"));
  }
}
