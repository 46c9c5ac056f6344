/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.testing.TestDefinitions.DefinitionFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestDefinitionsTest {

  @Test
  void fileIsReadAsWhatItWasWrittenFromAndGoes() {
    ClusterDefinition definition = TestDefinitions.gpu(3);
    Path path;
    try (DefinitionFile file = TestDefinitions.file(definition)) {
      path = file.path();
      assertThat(ClusterYaml.read(path)).isEqualTo(definition);
      assertThat(path).content().contains("3");
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void cpuHasNoGpus() {
    assertThat(TestDefinitions.cpu()).isNotEqualTo(TestDefinitions.gpu(1));
    assertThat(TestDefinitions.cpu().preset()).contains("cpu");
  }

  @Test
  void impossibleNumberIsRefused() {
    assertThatThrownBy(() -> TestDefinitions.gpu(-1))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("-1");
  }
}
