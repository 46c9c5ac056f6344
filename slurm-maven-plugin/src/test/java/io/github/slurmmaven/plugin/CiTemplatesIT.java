/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.github.slurmmaven.engine.docker.PrivateEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the shell steps of ci-templates in containers, as their CI systems do: each builds
 * examples/quickstart. Run by the test project {@code ci-templates}.
 */
@Timeout(900)
class CiTemplatesIT {

  private static final String IMAGE = "debian:trixie-slim";
  private static final Path TEMPLATES = Path.of(System.getProperty("nested.templates"));
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final String CHECKOUT = "/builds/quickstart";

  /** What a template calls as mvn: that of this machine, with this build's repository. */
  private static final Path MVN = NestedMaven.directory().resolve("mvn");

  private static final List<String> SOCKET =
      List.of("--volume", "/var/run/docker.sock:/var/run/docker.sock");

  private final String name = "slurm-ci-" + UUID.randomUUID().toString().substring(0, 8);

  /** What is to be removed after the test, the last one first. */
  private final List<List<String>> made = new ArrayList<>();

  /** What a command printed, and how it ended. */
  private record Result(int status, String output) {}

  @BeforeAll
  static void writeMvn() throws IOException {
    Files.writeString(
        MVN,
        """
        #!/bin/sh
        exec '%s/bin/mvn' -s '%s' -Dmaven.repo.local='%s' "$@"
        """
            .formatted(
                System.getProperty("nested.maven"),
                NestedMaven.settings(),
                System.getProperty("nested.repository")));
    assertThat(MVN.toFile().setExecutable(true)).isTrue();
  }

  @AfterEach
  void removeWhatWasMade() throws Exception {
    for (int i = made.size() - 1; i >= 0; i--) {
      docker(made.get(i));
    }
  }

  private static Result docker(List<String> arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("docker"));
    words.addAll(arguments);
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Result(process.exitValue(), output);
  }

  private static Result dockerSucceeds(String... arguments) throws Exception {
    Result result = docker(List.of(arguments));
    assertThat(result.status).as(result.output).isZero();
    return result;
  }

  /** Starts a container of a job with a checkout of the quickstart, in which steps can run. */
  private void startJob(List<String> options) throws Exception {
    List<String> words = new ArrayList<>(List.of("run", "--detach", "--init", "--name", name));
    made.add(List.of("rm", "--force", "--volumes", name));
    for (Path path : NestedMaven.javaAndMaven()) {
      words.addAll(List.of("--volume", path + ":" + path));
    }
    // What this build has downloaded is not downloaded again.
    Matcher downloaded =
        Pattern.compile("<url>file:/*(/.*?)/?</url>")
            .matcher(Files.readString(NestedMaven.settings()));
    if (downloaded.find()) {
      words.addAll(List.of("--volume", downloaded.group(1) + ":" + downloaded.group(1) + ":ro"));
    }
    words.addAll(List.of("--volume", MVN + ":/usr/local/bin/mvn"));
    words.addAll(List.of("--volume", "/usr/bin/docker:/usr/local/bin/docker"));
    words.addAll(List.of("--volume", System.getProperty("nested.quickstart") + ":/source:ro"));
    words.addAll(List.of("--env", "JAVA_HOME=" + System.getProperty("java.home")));
    words.addAll(options);
    words.addAll(List.of(IMAGE, "sleep", "infinity"));
    dockerSucceeds(words.toArray(String[]::new));
    dockerSucceeds("exec", name, "sh", "-c", "mkdir -p /builds && cp -r /source " + CHECKOUT);
  }

  /** Runs a step in the checkout, with an environment of its own. */
  private Result step(Map<String, String> environment, String script, String... shell)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("exec", "--workdir", CHECKOUT));
    environment.forEach((key, value) -> words.addAll(List.of("--env", key + "=" + value)));
    words.add(name);
    words.addAll(List.of(shell));
    words.add(script);
    return docker(words);
  }

  private static void assertBuilt(Result build, String release) {
    assertThat(build.status).as(build.output).isZero();
    assertThat(build.output)
        .contains("on slurm-wlm " + release)
        .contains("BUILD SUCCESS")
        .containsPattern("Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0");
  }

  private static JsonNode read(String template) throws IOException {
    return YAML.readTree(Files.readString(TEMPLATES.resolve(template)));
  }

  private static String lines(JsonNode script) {
    List<String> lines = new ArrayList<>();
    script.forEach(line -> lines.add(line.asText()));
    return String.join("\n", lines);
  }

  /** The address of the engine's machine, as a job sees it. */
  private static String gateway() throws Exception {
    return dockerSucceeds(
            "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
        .output
        .strip();
  }

  private Result githubStep(String step, Map<String, String> environment) throws Exception {
    for (JsonNode each : read("github/.github/actions/slurm-verify/action.yml").at("/runs/steps")) {
      if (each.path("name").asText().equals(step)) {
        assertThat(each.path("shell").asText()).isEqualTo("bash");
        return step(
            environment,
            each.path("run").asText(),
            "bash",
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c");
      }
    }
    throw new AssertionError("the action has no step " + step);
  }

  @Test
  void githubBuildsWithoutAnEngine() throws Exception {
    startJob(List.of());

    assertBuilt(
        githubStep(
            "Build", Map.of("RELEASE", "22.05", "ENGINE", "embedded", "ARGUMENTS", "verify")),
        "22.05");
  }

  @Test
  void githubBuildsWithAnEngineWhoseImageIsKept() throws Exception {
    startJob(SOCKET);
    String reached = "-Dslurm.port=0 -Dslurm.passwordLogin=false -Dslurm.bindAddress=" + gateway();

    Result nothingKept = githubStep("Load the cluster's image", Map.of());
    assertThat(nothingKept).isEqualTo(new Result(0, ""));
    assertBuilt(
        githubStep(
            "Build",
            Map.of("RELEASE", "24.11", "ENGINE", "docker", "ARGUMENTS", "verify " + reached)),
        "24.11");
    assertThat(githubStep("Save the cluster's image", Map.of())).isEqualTo(new Result(0, ""));
    Result loaded = githubStep("Load the cluster's image", Map.of());

    assertThat(loaded.status).as(loaded.output).isZero();
    assertThat(loaded.output).contains("Loaded image: slurm-cluster:24.11-");
  }

  /** A job of GitLab, with the variables and the script of what it extends. */
  private Result gitlabJob(String job) throws Exception {
    JsonNode file = read("gitlab/.gitlab-ci.yml");
    Map<String, String> variables = new LinkedHashMap<>();
    for (JsonNode of : List.of(file, file.path(".slurm"), file.path(job))) {
      of.path("variables")
          .properties()
          .forEach(
              variable ->
                  variables.put(
                      variable.getKey(),
                      variable.getValue().asText().replace("$CI_PROJECT_DIR", CHECKOUT)));
    }
    String script =
        lines(file.path(job).path("before_script"))
            + "\n"
            + lines(file.path(".slurm").path("script"));
    return step(variables, script, "bash", "-eo", "pipefail", "-c");
  }

  @Test
  void gitlabBuildsWithoutAnEngine() throws Exception {
    startJob(List.of());

    assertBuilt(gitlabJob("slurm-embedded"), "24.11");
    assertThat(step(Map.of(), "ls -d .cache/slurm-maven-plugin", "sh", "-c").status).isZero();
  }

  @Test
  void gitlabBuildsWithTheSocket() throws Exception {
    startJob(SOCKET);

    assertBuilt(gitlabJob("slurm-socket"), "24.11");
  }

  @Test
  void gitlabBuildsWithAnEngineBesideTheJob() throws Exception {
    PrivateEngine.assumePossible();
    Path certificates = Files.createDirectories(NestedMaven.directory().resolve("certs"));
    Process made =
        new ProcessBuilder("../certificates")
            .directory(certificates.toFile())
            .redirectErrorStream(true)
            .redirectOutput(certificates.resolve("log").toFile())
            .start();
    assertThat(made.waitFor()).as(Files.readString(certificates.resolve("log"))).isZero();
    String gateway = gateway();
    // A privileged container, as GitLab's service is one, cannot run on each machine: the engine
    // runs beside.
    try (PrivateEngine service =
        PrivateEngine.startWithNodes(
            "--host=tcp://" + gateway + ":2376",
            "--tlsverify",
            "--tlscacert=" + certificates.resolve("server/ca.pem"),
            "--tlscert=" + certificates.resolve("server/cert.pem"),
            "--tlskey=" + certificates.resolve("server/key.pem"))) {
      startJob(List.of("--add-host", "docker:" + gateway, "--volume", certificates + ":/certs:ro"));

      assertBuilt(gitlabJob("slurm-dind"), "24.11");
    }
  }

  @Test
  void jenkinsBuildsACellOfItsMatrix() throws Exception {
    Matcher shell =
        Pattern.compile("(?s)\\bsh '''(.*?)'''")
            .matcher(Files.readString(TEMPLATES.resolve("jenkins/Jenkinsfile")));
    assertThat(shell.find()).isTrue();
    startJob(List.of());

    assertBuilt(step(Map.of("SLURM_VERSION", "22.05"), shell.group(1), "sh", "-xec"), "22.05");
  }

  @Test
  void woodpeckerBuildsAndPrintsADiagnosis() throws Exception {
    JsonNode pipeline = read("woodpecker/.woodpecker.yaml");
    String release = pipeline.at("/matrix/SLURM_VERSION/1").asText();
    startJob(List.of());

    assertBuilt(
        step(
            Map.of("SLURM_VERSION", release), lines(pipeline.at("/steps/0/commands")), "sh", "-ec"),
        release);
    step(
        Map.of(),
        "mkdir -p target/slurm-test/a && echo node1 is down > target/slurm-test/a/nodes.txt",
        "sh",
        "-c");
    assertThat(step(Map.of(), lines(pipeline.at("/steps/1/commands")), "sh", "-ec").output)
        .contains("node1 is down");
  }
}
