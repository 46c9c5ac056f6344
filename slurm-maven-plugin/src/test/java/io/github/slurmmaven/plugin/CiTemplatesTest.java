/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The templates of ci-templates: what can be checked without the CI systems that run them. */
class CiTemplatesTest {

  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Path TEMPLATES = PROJECT.resolve("ci-templates");
  private static final Path GITHUB = TEMPLATES.resolve("github/.github");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static final Pattern PARAMETER = Pattern.compile("-D(slurm\\.[\\w.]+)");
  private static final Pattern INPUT = Pattern.compile("\\binputs\\.([\\w-]+)");

  /** Keys of the three systems whose text, or whose entries, a shell runs. */
  private static final Set<String> SHELL_KEYS =
      Set.of("run", "script", "before_script", "commands");

  static List<Path> templates() throws IOException {
    try (Stream<Path> files = Files.walk(TEMPLATES)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  static List<Path> yamlFiles() throws IOException {
    return templates().stream().filter(file -> file.toString().matches(".*\\.ya?ml")).toList();
  }

  private static JsonNode read(Path file) throws IOException {
    return YAML.readTree(Files.readString(file));
  }

  @Test
  void thePageNamesEachSystem() throws IOException {
    String page = Files.readString(PROJECT.resolve("docs/ci.md"));

    assertThat(templates())
        .allSatisfy(
            file -> assertThat(page).contains("/" + TEMPLATES.relativize(file).getName(0) + "/"));
  }

  @ParameterizedTest
  @MethodSource("templates")
  void parametersAreThoseOfTheGoals(Path file) throws IOException {
    String goals = Files.readString(PROJECT.resolve("docs/goals.md"));

    assertThat(PARAMETER.matcher(Files.readString(file)).results())
        .allSatisfy(parameter -> assertThat(goals).contains("`" + parameter.group(1) + "`"));
  }

  @ParameterizedTest
  @MethodSource("yamlFiles")
  void shellStepsHaveNoSyntaxError(Path file) throws Exception {
    List<String> scripts = new ArrayList<>();
    collectScripts(read(file), scripts);

    for (String script : scripts) {
      Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
      bash.getOutputStream().write(script.getBytes(StandardCharsets.UTF_8));
      bash.getOutputStream().close();
      String errors = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(bash.waitFor()).as(errors + script).isZero();
    }
  }

  private static void collectScripts(JsonNode node, List<String> scripts) {
    node.properties()
        .forEach(
            entry -> {
              if (SHELL_KEYS.contains(entry.getKey())) {
                scripts.add(lines(entry.getValue()));
              } else {
                collectScripts(entry.getValue(), scripts);
              }
            });
    if (node.isArray()) {
      node.forEach(each -> collectScripts(each, scripts));
    }
  }

  private static String lines(JsonNode script) {
    return script.isArray()
        ? script.valueStream().map(JsonNode::asText).collect(Collectors.joining("\n"))
        : script.asText();
  }

  @Test
  void theActionReadsTheInputsThatItDeclares() throws IOException {
    Path action = GITHUB.resolve("actions/slurm-verify/action.yml");

    assertThat(inputsRead(action)).isEqualTo(names(read(action).at("/inputs")));
  }

  @Test
  void theWorkflowReadsTheInputsThatItDeclares() throws IOException {
    Path workflow = GITHUB.resolve("workflows/slurm-verify.yml");

    assertThat(inputsRead(workflow))
        .isEqualTo(names(read(workflow).at("/on/workflow_call/inputs")));
  }

  @Test
  void callersPassInputsThatExist() throws IOException {
    JsonNode workflow = read(GITHUB.resolve("workflows/slurm-verify.yml"));
    JsonNode action = read(GITHUB.resolve("actions/slurm-verify/action.yml"));
    JsonNode caller = read(GITHUB.resolve("workflows/ci.yml"));

    assertThat(names(workflow.at("/jobs/verify/steps/2/with")))
        .isNotEmpty()
        .isSubsetOf(names(action.at("/inputs")));
    assertThat(names(caller.at("/jobs/slurm/with")))
        .isNotEmpty()
        .isSubsetOf(names(workflow.at("/on/workflow_call/inputs")));
  }

  @Test
  void thePageListsEachInput() throws IOException {
    String page = Files.readString(PROJECT.resolve("docs/ci.md"));

    for (String file : List.of("actions/slurm-verify/action.yml", "workflows/slurm-verify.yml")) {
      assertThat(inputsRead(GITHUB.resolve(file)))
          .allSatisfy(input -> assertThat(page).contains("`" + input + "`"));
    }
  }

  private static Set<String> inputsRead(Path file) throws IOException {
    return INPUT
        .matcher(Files.readString(file))
        .results()
        .map(input -> input.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
