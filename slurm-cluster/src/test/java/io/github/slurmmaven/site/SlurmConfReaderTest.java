/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlurmConfReaderTest {

  @TempDir private Path directory;

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private List<String> read(String text) throws IOException {
    return SlurmConfReader.read(write("slurm.conf", text)).stream()
        .flatMap(List::stream)
        .map(
            setting ->
                "%s:%d:%d %s=%s"
                    .formatted(
                        setting.place().file(),
                        setting.place().line(),
                        setting.place().column(),
                        setting.key(),
                        setting.value()))
        .toList();
  }

  @Test
  void readsSettingsWithTheirPlaces() throws IOException {
    assertThat(
            read(
                """
                # a comment
                ClusterName=a  # and another
                \tNodeName=n1\tCPUs = 4  Feature="a,b"

                """))
        .containsExactly(
            "slurm.conf:2:1 ClusterName=a",
            "slurm.conf:3:2 NodeName=n1",
            "slurm.conf:3:14 CPUs=4",
            "slurm.conf:3:24 Feature=a,b");
  }

  @Test
  void leavesBackslashesOut() throws IOException {
    assertThat(read("PartitionName=p Nodes=a\\,b\n"))
        .containsExactly("slurm.conf:1:1 PartitionName=p", "slurm.conf:1:17 Nodes=a,b");
  }

  @Test
  void joinsContinuedLinesAndKeepsThePlacesOfTheirParts() throws IOException {
    assertThat(read("NodeName=n1 \\\n   CPUs=4 \\  \n RealMemory=8000\nKillWait=1\n"))
        .containsExactly(
            "slurm.conf:1:1 NodeName=n1",
            "slurm.conf:2:4 CPUs=4",
            "slurm.conf:3:2 RealMemory=8000",
            "slurm.conf:4:1 KillWait=1");
  }

  @Test
  void aBackslashInACommentContinuesNothing() throws IOException {
    assertThat(read("# old: \\\nKillWait=1\n")).containsExactly("slurm.conf:2:1 KillWait=1");
  }

  @Test
  void readsWindowsLineEndsAndByteOrderMarks() throws IOException {
    assertThat(read("\uFEFFKillWait=1\r\nWaitTime=2 \\\r\n  InactiveLimit=3\r\n"))
        .containsExactly(
            "slurm.conf:1:1 KillWait=1",
            "slurm.conf:2:1 WaitTime=2",
            "slurm.conf:3:3 InactiveLimit=3");
  }

  @Test
  void readsLatin1() throws IOException {
    Path file = directory.resolve("slurm.conf");
    Files.write(file, "# Universität\nNodeName=n1\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(SlurmConfReader.read(file)).hasSize(1);
  }

  @Test
  void readsWhatIsIncludedWhereItIsIncluded() throws IOException {
    write("nodes.d/b.conf", "NodeName=b\n");
    write("nodes.d/a.conf", "NodeName=a\n");
    write("partitions.conf", "PartitionName=p\n");

    assertThat(
            read(
                """
                KillWait=1
                Include /etc/slurm/nodes.d/*.conf
                include   partitions.conf
                WaitTime=2
                """))
        .containsExactly(
            "slurm.conf:1:1 KillWait=1",
            "nodes.d/a.conf:1:1 NodeName=a",
            "nodes.d/b.conf:1:1 NodeName=b",
            "partitions.conf:1:1 PartitionName=p",
            "slurm.conf:4:1 WaitTime=2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          KillWait={{ wait }}               | 1 | 10
          {% if accounting %}               | 1 | 1
          ` {# nodes #}`                    | 1 | 2
          SlurmctldHost=<%= @host %>        | 1 | 15
          ClusterName=${CLUSTER}            | 1 | 13
          ClusterName=@CLUSTER_NAME@        | 1 | 13
          ClusterName=%(cluster)s           | 1 | 13
          `KillWait=1 \\ {{ more }}`         | 1 | 14
          """)
  void refusesWhatATemplateLeftOpen(String line, int number, int column) {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> read(line + "\n"))
        .withMessage(
            "site: slurm.conf, line %d, column %d: '%s' has an unfilled placeholder of a template: fill in the template, and name the result",
            number, column, line.strip());
  }

  @Test
  void aTemplateInACommentIsAComment() throws IOException {
    assertThat(read("# {{ ansible_managed }}\nKillWait=1 # {% raw %}\n")).hasSize(1);
  }

  @Test
  void aShellInTheDefaultCommandIsNoTemplate() throws IOException {
    assertThat(read("SallocDefaultCommand=\"srun --pty ${SHELL}\"\n")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          KillWait       | 1  | is not what Slurm reads, Parameter=value
          KillWait=1 foo | 12 | is not what Slurm reads, Parameter=value
          KillWait=      | 1  | has no value: give it one, or leave it out
          <tag>          | 1  | is not what Slurm reads
          Include        | 1  | is not what Slurm reads
          """)
  void refusesWhatSlurmDoesNotRead(String line, int column, String problem) {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> read("# first\n" + line + "\n"))
        .withMessageStartingWith("site: slurm.conf, line 2, column " + column + ": ")
        .withMessageContaining(problem);
  }

  @Test
  void namesThePlaceOfAnIncludeThatIsNotThere() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> read("KillWait=1\n  Include nodes.conf\n"))
        .withMessageStartingWith(
            "site: slurm.conf, line 2, column 11: 'Include nodes.conf' is missing: copy it from"
                + " the site, too, to ");
  }

  @Test
  void refusesAnIncludeThatIncludesItself() throws IOException {
    write("a.conf", "Include slurm.conf\n");

    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> read("Include a.conf\n"))
        .withMessageContaining("a.conf, line 1, column 9: 'Include slurm.conf' includes itself");
  }
}
