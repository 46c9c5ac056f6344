/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are there before any daemon starts, in a cluster of processes of this machine. */
@Tag("embedded")
class EmbeddedEarlyFilesIT extends EarlyFilesContract {

  EmbeddedEarlyFilesIT() {
    super(TestBackend.EMBEDDED);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          24.11 | Epilog=/opt/no.sh          | since a job ran there: Epilog error | /opt/no.sh is missing; copy it
          22.05 | Epilog=/bin/false          | since a job ran there: Epilog error | the script fails; correct
          22.05 | Prolog=/opt/no.sh          | node slurm is drained               | /opt/no.sh is missing; copy it
          24.11 | TaskProlog=/opt/no.sh      | jobs fail on partition debug        | /opt/no.sh is missing; copy it
          24.11 | PrologSlurmctld=/opt/no.sh | exited with code 1                  | /opt/no.sh is missing; copy it
          26.05 | Epilog=/bin/false          | since a job ran there: Epilog error | the script fails; correct
          22.05 | TaskProlog=/bin/false      | jobs fail on partition debug        | /bin/false fails; correct
          26.05 | TaskProlog=/bin/false      | jobs fail on partition debug        | /bin/false fails; correct
          22.05 | PrologSlurmctld=/bin/false | fails again and again               | (PrologSlurmctld=/bin/false): the script fails; correct
          24.11 | PrologSlurmctld=/bin/false | fails again and again               | (PrologSlurmctld=/bin/false): the script fails; correct
          26.05 | PrologSlurmctld=/bin/false | fails again and again               | (PrologSlurmctld=/bin/false): the script fails; correct
          """)
  @Tag("slow")
  void aMissingOrFailingScriptIsNamed(SlurmVersion version, String line, String what, String cause)
      throws IOException {
    assertNamed(version, line, what, cause);
  }
}
