/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptorBuilder;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** docs/goals.md is the plugin's descriptor, which is made from the goals' Javadoc. */
class GoalsReferenceTest {

  /** {@code -Dgolden.update} writes the page anew. */
  private static final boolean UPDATE = System.getProperty("golden.update") != null;

  private static final Path PAGE = Path.of("../docs/goals.md");

  private static final String HEAD =
      """
      # Goals

      For those who look up a goal or a parameter. In a terminal, `mvn slurm:help -Ddetail -Dgoal=start`
      prints the same for one goal. What is not in the first version, 0.1.0, says since when it is there.

      This page is generated from the goals' Javadoc. After changing that, run `mvn test
      -pl slurm-maven-plugin -am -Dtest=GoalsReferenceTest -Dgolden.update
      -Dsurefire.failIfNoSpecifiedTests=false`.
      """;

  @Test
  void pageIsWhatTheJavadocSays() throws Exception {
    String rendered = render(descriptor());
    if (UPDATE) {
      Files.writeString(PAGE, rendered);
    }

    assertThat(PAGE).content().isEqualTo(rendered);
  }

  @Test
  void javadocSaysSinceWhenEachGoalAndParameterIsThere() throws Exception {
    for (MojoDescriptor goal : descriptor().getMojos()) {
      // maven-plugin-plugin makes the goal help.
      if (!goal.getGoal().equals("help")) {
        assertThat(goal.getSince()).as(goal.getGoal()).isNotBlank();
        assertThat(goal.getParameters())
            .filteredOn(Parameter::isEditable)
            .allSatisfy(p -> assertThat(p.getSince()).as(p.getName()).isNotBlank());
      }
    }
  }

  private static PluginDescriptor descriptor() throws Exception {
    try (Reader reader =
        new InputStreamReader(
            Objects.requireNonNull(
                StartMojo.class.getResourceAsStream("/META-INF/maven/plugin.xml")),
            StandardCharsets.UTF_8)) {
      return new PluginDescriptorBuilder().build(reader);
    }
  }

  private static String render(PluginDescriptor plugin) throws IOException {
    StringBuilder page = new StringBuilder(HEAD);
    List<MojoDescriptor> goals =
        plugin.getMojos().stream().sorted(Comparator.comparing(MojoDescriptor::getGoal)).toList();
    for (MojoDescriptor goal : goals) {
      page.append("\n## slurm:").append(goal.getGoal()).append("\n\n");
      page.append(markdown(goal.getDescription())).append(since(goal.getSince())).append("\n\n");
      if (goal.getPhase() != null) {
        page.append("Default phase: `").append(goal.getPhase()).append("`.\n\n");
      }
      List<Parameter> parameters =
          goal.getParameters().stream()
              .filter(Parameter::isEditable)
              .sorted(Comparator.comparing(Parameter::getName))
              .toList();
      page.append("| parameter | `-D` | default | |\n|---|---|---|---|\n");
      for (Parameter parameter : parameters) {
        PlexusConfiguration configuration =
            goal.getMojoConfiguration().getChild(parameter.getName());
        page.append("| `").append(parameter.getName()).append('`');
        page.append(parameter.isRequired() ? " (required)" : "").append(" | ");
        page.append(code(property(configuration))).append(" | ");
        page.append(code(configuration.getAttribute("default-value", ""))).append(" | ");
        page.append(markdown(parameter.getDescription()).replace("|", "\\|"));
        page.append(since(parameter.getSince())).append(" |\n");
      }
    }
    return page.toString();
  }

  private static String since(@Nullable String version) {
    return version == null || version.equals("0.1.0") ? "" : " Since " + version + ".";
  }

  private static String property(PlexusConfiguration configuration) {
    String expression = configuration.getValue("");
    return expression.startsWith("${") ? expression.substring(2, expression.length() - 1) : "";
  }

  private static String code(String text) {
    return text.isEmpty() ? "" : "`" + text + "`";
  }

  /** The little HTML that Javadoc leaves in a descriptor; other brackets are text. */
  private static String markdown(String html) {
    return html.replaceAll("<(?!/?(?:code|p)>)", "\\\\<")
        .replaceAll("<code>\\s*", "`")
        .replaceAll("\\s*</code>", "`")
        .replaceAll("</?p>", "\n\n")
        .replaceAll("[ \\t]*\\n[ \\t]*", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .strip();
  }
}
