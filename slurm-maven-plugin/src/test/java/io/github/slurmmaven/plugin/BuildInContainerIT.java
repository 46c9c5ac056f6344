/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.engine.ContainerDefinitions;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs a build in a container that has the socket of the engine, as CI systems do: the engine does
 * not see the build's files, and its loopback interface is not the build's. Run by the test project
 * {@code in-container}.
 */
@Timeout(600)
class BuildInContainerIT {

  private static final String IMAGE = "debian:trixie-slim";
  private static final String SOCKET = "/var/run/docker.sock";

  /** Not a directory of this machine, so that nothing in it can be mounted. */
  private static final String CHECKOUT = "/slurm-maven-build";

  private ContainerEngine engine;
  private String container = "";

  @BeforeEach
  void start() throws IOException {
    engine = DockerEngine.connect(Environment.system());
    ContainerDefinitions definition =
        ContainerDefinitions.container(
                "slurm-in-container-" + UUID.randomUUID().toString().substring(0, 8), IMAGE)
            .command("sleep", "600")
            .bind(SOCKET, SOCKET)
            .bind(NestedMaven.directory().resolve("build").toString(), "/source");
    for (Path path : NestedMaven.javaAndMaven()) {
      definition.bind(path.toString(), path.toString());
    }
    container = engine.createContainer(definition.build());
    engine.startContainer(container);
    CommandResult copied = run(List.of("cp", "-r", "/source", CHECKOUT));
    assertThat(copied.exitCode()).as(copied.stderr()).isZero();
  }

  @AfterEach
  void remove() {
    if (!container.isEmpty()) {
      engine.removeContainer(container);
    }
    engine.close();
  }

  private CommandResult run(List<String> command) {
    return engine.exec(
        container,
        new ExecCommand(command, "root", Map.of("JAVA_HOME", System.getProperty("java.home"))),
        line -> {},
        Duration.ofMinutes(9));
  }

  private CommandResult build(String... options) {
    List<String> command = new ArrayList<>(new NestedMaven().command());
    command.addAll(List.of("-f", CHECKOUT, "verify"));
    command.addAll(List.of(options));
    return run(command);
  }

  @Test
  void buildSaysWhatToSetAndWorksWithThat() {
    CommandResult refused = build();

    assertThat(refused.exitCode()).as(refused.stdout()).isOne();
    Matcher advice =
        Pattern.compile(
                "<bindAddress> .-Dslurm.bindAddress.: '127\\.0\\.0\\.1' is the loopback interface of the engine's own machine,"
                    + ".* Set bindAddress to (\\S+), the engine's machine as this container sees it,"
                    + " and passwordLogin to false")
            .matcher(refused.stdout());
    assertThat(advice.find()).as(refused.stdout()).isTrue();
    assertThat(refused.stdout()).doesNotContain("not ready within");

    CommandResult built =
        build("-Dslurm.bindAddress=" + advice.group(1), "-Dslurm.passwordLogin=false");

    assertThat(built.exitCode()).as(built.stdout()).isZero();
    assertThat(built.stdout())
        .contains("SSH answers on " + advice.group(1) + ":")
        .contains("a job ran on slurm")
        .contains("were copied into its containers");
  }

  @Test
  void addressThatTheEngineDoesNotHaveIsRefused() {
    CommandResult refused = build("-Dslurm.bindAddress=192.0.2.44", "-Dslurm.passwordLogin=false");

    assertThat(refused.exitCode()).as(refused.stdout()).isOne();
    assertThat(refused.stdout())
        .contains("'192.0.2.44' is not an address of the engine's machine, ");
  }

  @Test
  void allAddressesOfTheEngineAreReachedByTheGateway() {
    CommandResult built = build("-Dslurm.bindAddress=0.0.0.0", "-Dslurm.passwordLogin=false");

    assertThat(built.exitCode()).as(built.stdout()).isZero();
    assertThat(built.stdout())
        .doesNotContain("SSH answers on 127.0.0.1")
        .contains("a job ran on slurm");
  }
}
