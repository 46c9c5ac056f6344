/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A mistake in a configuration file is told with file, line and key")
class ConfigurationMistakeTest {

  @TempDir private Path directory;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        directory.resolve("slurm.conf"),
        """
        # NoSuchParameter=
        ClusterName=c
        MaxJobCount=many
        NodeName=n CPU=4 Gres=gpu:1
        NoSuchParameter=yes
        """);
    Files.writeString(directory.resolve("gres.conf"), "AutoDetect=off\n\nNam=gpu File=/dev/x\n");
  }

  /** What Slurm 22.05 and 24.11 say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          slurmctld: error: _parse_next_key: Parsing error at unrecognized key: NoSuchParameter | slurm.conf, line 5: Slurm has no parameter 'NoSuchParameter'
          slurmctld: error: Parsing error at unrecognized key: CPU | slurm.conf, line 4: Slurm has no parameter 'CPU'
          slurmctld: error: MaxJobCount value (many) is not a valid number | slurm.conf, line 3: MaxJobCount: 'many' is not a number
          slurmd: error: _parse_next_key: Parsing error at unrecognized key: Nam | gres.conf, line 3: Slurm has no parameter 'Nam'
          """)
  void isFound(String said, String told) {
    String log = "slurmd: an earlier line\n" + said + "\nslurmd: fatal: a later line\n";

    assertThat(ConfigurationMistake.find(directory, List.of("", log)))
        .contains(directory.resolve(told) + "; correct it");
  }

  @Test
  void findsNothingWithoutAMessageOrWithoutTheKeyInAFile() {
    assertThat(ConfigurationMistake.find(directory, List.of("all is well"))).isEmpty();
    assertThat(
            ConfigurationMistake.find(
                directory, List.of("error: Parsing error at unrecognized key: Other")))
        .isEmpty();
    assertThat(
            ConfigurationMistake.find(
                directory.resolve("gone"), List.of("Parsing error at unrecognized key: CPU")))
        .isEmpty();
  }
}
