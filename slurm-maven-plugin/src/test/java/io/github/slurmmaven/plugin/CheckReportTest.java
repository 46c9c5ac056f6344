/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.ScriptCheck;
import io.github.slurmmaven.status.Style;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class CheckReportTest {

  private final CheckReport report =
      new CheckReport(
          List.of(
              new ScriptCheck(Path.of("jobs/a.sh"), true, ""),
              new ScriptCheck(Path.of("jobs/longer.sh"), true, "sbatch: Mind the <gap>"),
              new ScriptCheck(
                  Path.of("jobs/b&\"\u0007.sh"),
                  false,
                  "sbatch: error: Say how long\nsbatch: error: Batch job submission failed: Unspecified \u001b error")),
          Path::toString);

  @Test
  void theTableHasWhatSlurmSaysOnALineForEachScript() {
    assertThat(report.table(Style.PLAIN).lines())
        .containsExactly(
            "taken    jobs/a.sh",
            "taken    jobs/longer.sh     Mind the <gap>",
            "refused  jobs/b&\"\\u0007.sh  Say how long; Batch job submission failed: Unspecified \\u001b error");
  }

  @Test
  void theXmlHasATestForEachScript() throws Exception {
    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(report.xml().getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();

    assertThat(suite.getAttribute("tests")).isEqualTo("3");
    assertThat(suite.getAttribute("failures")).isEqualTo("1");
    assertThat(suite.getElementsByTagName("testcase").getLength()).isEqualTo(3);
    assertThat(suite.getElementsByTagName("system-out").item(0).getTextContent())
        .isEqualTo("sbatch: Mind the <gap>");
    Element failure = (Element) suite.getElementsByTagName("failure").item(0);
    assertThat(failure.getAttribute("message"))
        .isEqualTo("Say how long; Batch job submission failed: Unspecified \\u001b error");
    assertThat(failure.getTextContent()).contains("failed: Unspecified \uFFFD error");
    assertThat(((Element) failure.getParentNode()).getAttribute("name"))
        .isEqualTo("jobs/b&\"\uFFFD.sh");
  }
}
