/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.PrivateEngine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs builds whose engine is restarted, or goes for good, while a job of their cluster runs. Run
 * by the test project {@code kills}.
 */
@Timeout(300)
class LostEngineBuildsIT {

  private static PrivateEngine engine;

  private final NestedMaven maven = new NestedMaven();

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(NestedMaven.engine().equals("docker"), "these clusters need no engine");
    PrivateEngine.assumePossible();
    engine = PrivateEngine.startWithNodes();
  }

  @AfterAll
  static void close() throws Exception {
    if (engine != null) {
      engine.close();
    }
  }

  /** What happens to the engine in the middle of a build. */
  private interface Blow {
    void strike() throws IOException, InterruptedException;
  }

  /**
   * Builds a checkout of its own.
   *
   * @param moment what the build says when the blow is to fall
   * @return what it says, its exit status in the last line
   */
  private List<String> build(String name, String job, String moment, Blow blow)
      throws IOException, InterruptedException {
    Path checkout = Files.createDirectories(NestedMaven.directory().resolve(name));
    Files.copy(NestedMaven.directory().resolve("engine-lost/pom.xml"), checkout.resolve("pom.xml"));
    Files.writeString(checkout.resolve("job.sh"), "#!/bin/sh\n" + job + "\n");
    ProcessBuilder builder = maven.build(checkout, "verify");
    builder.environment().put("DOCKER_HOST", engine.host().toString());
    Process process = builder.start();
    List<String> log = new ArrayList<>();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      log.add(line);
      if (line.contains(moment)) {
        blow.strike();
        // The build may wait for it.
        Files.createFile(checkout.resolve("go-on"));
      }
    }
    log.add("exit status " + process.waitFor());
    Files.write(checkout.resolve("build.log"), log);
    return log;
  }

  private static void assertNothingLeft(String name) {
    try (ContainerEngine connection = engine.connect()) {
      assertThat(connection.listContainers(Map.of())).isEmpty();
      assertThat(connection.listVolumes(Map.of())).isEmpty();
      assertThat(connection.listNetworks()).allMatch(network -> network.labels().isEmpty());
    }
    assertThat(NestedMaven.directory().resolve(name).resolve(".slurm-cluster")).doesNotExist();
  }

  @ParameterizedTest(name = "killed: {0}")
  @ValueSource(booleans = {false, true})
  void buildWhoseJobIsLostSaysSoAndLeavesNothing(boolean killed) throws Exception {
    String name = killed ? "lost-by-kill" : "lost-by-restart";
    List<String> log =
        build(
            name,
            "sleep 600",
            "(job.sh) submitted",
            () -> {
              if (killed) {
                engine.kill();
              } else {
                engine.stop();
              }
              engine.startAgain();
            });

    assertThat(log)
        .endsWith("exit status 1")
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("Failed to execute goal")
                    .contains(":submit (default)")
                    // An engine that is stopped ends the containers before it falls silent.
                    .containsPattern(
                        Pattern.quote("the container engine at " + engine.host())
                            + ".* does not answer any more|is not running"))
        .anySatisfy(line -> assertThat(line).contains("Cluster it-engine-lost destroyed"))
        .noneMatch(line -> line.matches("\\s+at [\\w.$]+.*"));
    assertNothingLeft(name);
  }

  @Test
  void buildThatDidNotNeedItsEngineMeanwhileGoesOn() throws Exception {
    List<String> log =
        build(
            "back-in-time",
            "true",
            ":run (default)",
            () -> {
              engine.stop();
              engine.startAgain();
            });

    assertThat(log).endsWith("exit status 0");
    assertNothingLeft("back-in-time");
  }
}
