/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptorBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What users rely on in META-INF/maven/plugin.xml. */
class PluginDescriptorTest {

  private static final Set<String> COMMON =
      Set.of("name", "outputDirectory", "reuse", "skip", "skipWithTests");
  private static final Set<String> OF_A_CLUSTER =
      Set.of(
          "engine",
          "preset",
          "definition",
          "nodes",
          "partitions",
          "cpuNodes",
          "gpuNodes",
          "gpusPerNode",
          "withRegistry",
          "registryPort",
          "registryImage",
          "images",
          "withPyxis",
          "pyxisUrl",
          "pyxisSha256",
          "enrootUrl",
          "enrootSha256",
          "pyxisHelpers",
          "accounting",
          "accountingEnforce",
          "accounts",
          "qos",
          "rest",
          "restPort",
          "pbsCommands",
          "clockSpeed",
          "jobClock",
          "users",
          "packages",
          "mounts",
          "files",
          "setup",
          "slurmConf",
          "slurmFiles",
          "cgroupConf",
          "slurmSource",
          "slurmSourceSha256",
          "slurmVersion",
          "cpusPerNode",
          "memoryPerNode",
          "port",
          "bindAddress",
          "passwordLogin",
          "image",
          "imageRepository",
          "timeout",
          "force",
          "keep");

  private static PluginDescriptor plugin;

  @BeforeAll
  static void readDescriptor() throws Exception {
    try (InputStream in =
            Objects.requireNonNull(
                StartMojo.class.getResourceAsStream("/META-INF/maven/plugin.xml"));
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      plugin = new PluginDescriptorBuilder().build(reader);
    }
  }

  @Test
  void offersTheGoals() {
    assertThat(plugin.getGoalPrefix()).isEqualTo("slurm");
    assertThat(plugin.getMojos())
        .extracting(MojoDescriptor::getGoal)
        .containsExactlyInAnyOrder(
            "create", "start", "stop", "destroy", "render", "init", "status", "list", "logs", "ssh",
            "exec", "copy", "submit", "check", "wait", "reset", "restart", "scale", "load", "token",
            "clock", "openapi", "report", "help");
  }

  @ParameterizedTest
  @CsvSource({
    "create, pre-integration-test",
    "start, pre-integration-test",
    "stop, post-integration-test",
    "destroy, post-integration-test"
  })
  void goalsFitIntoALifecycleAndStandAlone(String goal, String phase) {
    MojoDescriptor mojo = plugin.getMojo(goal);

    assertThat(mojo.getPhase()).isEqualTo(phase);
    assertThat(mojo.isThreadSafe()).isTrue();
    assertThat(mojo.isProjectRequired()).isFalse();
    assertThat(mojo.isAggregator()).isFalse();
    assertThat(mojo.getSince()).isEqualTo("0.1.0");
    assertThat(mojo.getDescription()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource({
    "render,, false",
    "init,, true",
    "status,, true",
    "list,, true",
    "logs,, false",
    "ssh,, true",
    "exec,, false",
    "copy,, false",
    "submit, integration-test, false",
    "check, integration-test, false",
    "wait,, false",
    "reset, pre-integration-test, false",
    "restart,, true",
    "scale,, true",
    "load, pre-integration-test, false",
    "token,, true",
    "clock,, true",
    "openapi, generate-sources, false",
    "report, integration-test, false"
  })
  void goalsByHandNeedNoPom(String goal, String phase, boolean aggregator) {
    MojoDescriptor mojo = plugin.getMojo(goal);

    assertThat(mojo.getPhase()).isEqualTo(phase);
    assertThat(mojo.isThreadSafe()).isTrue();
    assertThat(mojo.isProjectRequired()).isFalse();
    assertThat(mojo.isAggregator()).isEqualTo(aggregator);
    assertThat(mojo.getSince()).isEqualTo("0.1.0");
    assertThat(mojo.getDescription()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource({
    "init, 'skip skipWithTests definition preset site twinNodes twinUser slurmVersion slurmFiles"
        + " force'",
    "list, 'skip skipWithTests format output'",
    "status, 'name outputDirectory skip skipWithTests format output'",
    "logs, 'name outputDirectory skip skipWithTests node follow tail since export'",
    "ssh, 'name outputDirectory skip skipWithTests node user command'",
    "exec, 'name outputDirectory timeout skip skipWithTests command on user'",
    "copy, 'name outputDirectory skip skipWithTests source target on'",
    "submit, 'name outputDirectory timeout skip skipWithTests script options arguments user'",
    "check, 'name outputDirectory skip skipWithTests script options user output'",
    "wait, 'name outputDirectory timeout skip skipWithTests jobs'",
    "reset, 'name outputDirectory timeout skip skipWithTests emptyHistory'",
    "restart, 'name outputDirectory timeout skip skipWithTests node'",
    "scale, 'name outputDirectory timeout skip skipWithTests computeNodes partition'",
    "load, 'name outputDirectory skip skipWithTests images'",
    "token, 'name outputDirectory skip skipWithTests user lifetime'",
    "clock, 'name outputDirectory skip skipWithTests advance advanceTo speed'",
    "openapi, 'name skip skipWithTests apiVersion output slurmVersion engine'",
    "report, 'name outputDirectory skip skipWithTests output'"
  })
  void goalsByHandHaveTheirParameters(String goal, String parameters) {
    assertThat(plugin.getMojo(goal).getParameters())
        .filteredOn(Parameter::isEditable)
        .extracting(Parameter::getName)
        .containsExactlyInAnyOrder(parameters.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "create, true, 'start skipCreate'",
    "render, true, ''",
    "start, true, skipStart",
    "stop, false, 'keep skipStop'",
    "destroy, false, 'keep all skipDestroy'"
  })
  void goalsHaveTheirParameters(String goal, boolean makesClusters, String own) {
    assertThat(plugin.getMojo(goal).getParameters())
        .filteredOn(Parameter::isEditable)
        .extracting(Parameter::getName)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    COMMON,
                    makesClusters ? OF_A_CLUSTER : Set.<String>of(),
                    own.isEmpty() ? Set.<String>of() : Set.of(own.split(" ")))
                .flatMap(Set::stream)
                .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "create, name, slurm.name, slurm-test",
    "create, outputDirectory, slurm.outputDirectory, ${basedir}/.slurm-cluster",
    "create, skip, slurm.skip, false",
    "create, skipWithTests, slurm.skipWithTests, true",
    "create, skipCreate, slurm.create.skip, false",
    "create, start, slurm.start, false",
    "start, skipStart, slurm.start.skip, false",
    "start, engine, slurm.engine,",
    "start, preset, slurm.preset,",
    "start, definition, slurm.definition,",
    "start, cpuNodes, slurm.cpuNodes,",
    "start, gpuNodes, slurm.gpuNodes,",
    "start, gpusPerNode, slurm.gpusPerNode,",
    "start, withRegistry, slurm.withRegistry,",
    "start, registryPort, slurm.registryPort,",
    "start, registryImage, slurm.registryImage,",
    "start, images, slurm.images,",
    "load, images, slurm.images,",
    "start, withPyxis, slurm.withPyxis,",
    "start, pyxisUrl, slurm.pyxisUrl,",
    "start, pyxisSha256, slurm.pyxisSha256,",
    "start, enrootUrl, slurm.enrootUrl,",
    "start, enrootSha256, slurm.enrootSha256,",
    "start, pyxisHelpers, slurm.pyxisHelpers,",
    "start, accounting, slurm.accounting,",
    "start, accountingEnforce, slurm.accountingEnforce,",
    "start, accounts, slurm.accounts,",
    "start, qos, slurm.qos,",
    "start, rest, slurm.rest,",
    "start, restPort, slurm.restPort,",
    "start, pbsCommands, slurm.pbsCommands,",
    "start, clockSpeed, slurm.clockSpeed,",
    "start, jobClock, slurm.jobClock,",
    "clock, advance, slurm.advance,",
    "token, lifetime, slurm.lifetime, 86400",
    "openapi, output, slurm.output, ${basedir}/target/slurm-openapi.json",
    "report, output, slurm.output, ${basedir}/target/slurm-report.html",
    "start, users, slurm.users,",
    "start, packages, slurm.packages,",
    "start, mounts, slurm.mounts,",
    "start, files, slurm.files,",
    "start, slurmConf, slurm.slurmConf,",
    "start, slurmFiles, slurm.slurmFiles,",
    "start, cgroupConf, slurm.cgroupConf,",
    "start, slurmSource, slurm.slurmSource,",
    "start, slurmSourceSha256, slurm.slurmSourceSha256,",
    "start, slurmVersion, slurm.slurmVersion,",
    "start, cpusPerNode, slurm.cpusPerNode,",
    "start, memoryPerNode, slurm.memoryPerNode,",
    "start, port, slurm.port,",
    "start, bindAddress, slurm.bindAddress,",
    "start, passwordLogin, slurm.passwordLogin,",
    "start, image, slurm.image,",
    "start, imageRepository, slurm.imageRepository,",
    "start, timeout, slurm.timeout, 120",
    "start, force, slurm.force, false",
    "start, keep, slurm.keep, false",
    "start, reuse, slurm.reuse, false",
    "destroy, reuse, slurm.reuse, false",
    "stop, keep, slurm.keep, false",
    "stop, skipStop, slurm.stop.skip, false",
    "destroy, keep, slurm.keep, false",
    "destroy, all, slurm.all, false",
    "destroy, skipDestroy, slurm.destroy.skip, false",
    "init, definition, slurm.definition, ${basedir}/slurm-cluster.yaml",
    "init, preset, slurm.preset, cpu",
    "status, name, slurm.name,",
    "status, outputDirectory, slurm.outputDirectory,",
    "wait, timeout, slurm.timeout,",
    "status, format, slurm.format, text",
    "list, format, slurm.format, text",
    "list, output, slurm.output,",
    "status, output, slurm.output,",
    "logs, node, slurm.node,",
    "logs, follow, slurm.follow, false",
    "logs, tail, slurm.tail,",
    "logs, since, slurm.since,",
    "logs, export, slurm.export,",
    "ssh, node, slurm.node,",
    "ssh, user, slurm.user,",
    "ssh, command, slurm.command,",
    "exec, command, slurm.command,",
    "exec, on, slurm.on,",
    "exec, user, slurm.user,",
    "copy, source, slurm.source,",
    "copy, target, slurm.target,",
    "copy, on, slurm.on,",
    "submit, script, slurm.script,",
    "submit, options, slurm.options,",
    "submit, arguments, slurm.arguments,",
    "submit, user, slurm.user,",
    "check, script, slurm.script,",
    "check, options, slurm.options,",
    "check, user, slurm.user,",
    "check, output, slurm.output, ${basedir}/target/slurm-reports/TEST-slurm-check.xml",
    "wait, jobs, slurm.jobs,",
    "restart, node, slurm.node,",
    "scale, computeNodes, slurm.computeNodes,",
    "scale, partition, slurm.scale.partition,"
  })
  void parametersHaveTheirPropertyAndDefault(
      String goal, String name, String property, String defaultValue) throws IOException {
    Parameter parameter = plugin.getMojo(goal).getParameterMap().get(name);
    var configuration = plugin.getMojo(goal).getMojoConfiguration().getChild(name);

    assertThat(parameter).as(name).isNotNull();
    assertThat(configuration.getValue(null)).isEqualTo("${" + property + "}");
    assertThat(configuration.getAttribute("default-value")).isEqualTo(defaultValue);
  }

  @ParameterizedTest
  @MethodSource("parametersOfOurGoals")
  void everyParameterIsDescribedByTheHelpGoal(Parameter parameter) {
    assertThat(parameter.getDescription())
        .isNotBlank()
        .endsWith(".")
        .doesNotContain("  ", "${", "{@", " ,", "null");
    assertThat(parameter.getSince()).isEqualTo("0.1.0");
  }

  static List<Parameter> parametersOfOurGoals() {
    return plugin.getMojos().stream()
        .filter(mojo -> !mojo.getGoal().equals("help"))
        .flatMap(mojo -> mojo.getParameters().stream())
        .filter(Parameter::isEditable)
        .toList();
  }
}
