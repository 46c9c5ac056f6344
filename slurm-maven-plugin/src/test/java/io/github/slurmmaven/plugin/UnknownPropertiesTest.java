/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.apache.maven.plugin.descriptor.PluginDescriptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownPropertiesTest {

  private final UnknownProperties properties;

  UnknownPropertiesTest() throws Exception {
    try (Reader descriptor =
        new InputStreamReader(
            Objects.requireNonNull(
                StartMojo.class.getResourceAsStream("/META-INF/maven/plugin.xml")),
            StandardCharsets.UTF_8)) {
      properties = UnknownProperties.of(new PluginDescriptorBuilder().build(descriptor));
    }
  }

  private List<String> warnings(String... names) {
    Properties user = new Properties();
    for (String name : names) {
      user.setProperty(name, "x");
    }
    return properties.warnings(user, "slurm.ours"::equals);
  }

  @ParameterizedTest
  @CsvSource({
    "slurm.presets, slurm.preset",
    "slurm.slurmversion, slurm.slurmVersion",
    "slurm.cpuNode, slurm.cpuNodes",
    "slurm.memoryPerNodes, slurm.memoryPerNode",
    "slurm.start.skipp, slurm.start.skip"
  })
  void propertyWithATypingErrorIsAnsweredWithTheNearestName(String name, String nearest) {
    assertThat(warnings(name))
        .containsExactly(
            "-D"
                + name
                + " is not a parameter of the Slurm plugin and has no effect: did you mean -D"
                + nearest
                + "?");
  }

  @Test
  void propertyLikeNoOtherIsAnsweredWithTheHelp() {
    assertThat(warnings("slurm.walltimeLimit"))
        .containsExactly(
            "-Dslurm.walltimeLimit is not a parameter of the Slurm plugin and has no effect:"
                + " slurm:help -Ddetail shows all parameters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "slurm.preset",
        "slurm.scale.partition",
        "slurm.destroy.skip",
        "slurm.ssh.port",
        "slurm.cluster.directory",
        "slurm.image.app",
        "slurm.registry.internal",
        "slurm.partition",
        "slurm.version",
        "slurm.ours",
        "slurm.another.plugins.property",
        "slurmPreset",
        "skipTests"
      })
  void propertyThatMeansSomethingIsLeftAlone(String name) {
    assertThat(warnings(name)).isEmpty();
  }
}
