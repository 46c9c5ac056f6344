/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportPageTest {

  /** {@code -Dgolden.update} writes the page anew instead of comparing with it. */
  private static final boolean UPDATE = System.getProperty("golden.update") != null;

  private static final Path GOLDEN = Path.of("src/test/resources/report/small.html");

  private static final Pattern SCRIPT =
      Pattern.compile("<script([^>]*)>(.*?)</script>", Pattern.DOTALL);

  private static final String PAGE = ReportPage.html(ReportSamples.small());

  @Test
  void rendersTheSamePageForTheSameData() throws IOException {
    if (UPDATE) {
      Files.createDirectories(GOLDEN.getParent());
      Files.writeString(GOLDEN, PAGE);
    }

    assertThat(PAGE).isEqualTo(Files.readString(GOLDEN));
  }

  @Test
  void hasOneScriptWithAnyNameOfAJob() {
    List<MatchResult> scripts = SCRIPT.matcher(PAGE).results().toList();

    assertThat(scripts).hasSize(2);
    assertThat(scripts.get(0).group(1)).contains("application/json");
    assertThat(PAGE).doesNotContain(ReportSamples.HOSTILE).doesNotContain("<script>document");
  }

  @Test
  void holdsHostileNamesUnchangedAsData() throws IOException {
    JsonNode data = new ObjectMapper().readTree(script(0));

    assertThat(data.at("/jobs/2/name").asText()).isEqualTo(ReportSamples.HOSTILE);
    assertThat(data.at("/jobs/2/script/text").asText()).contains(ReportSamples.HOSTILE);
    assertThat(data.at("/events/0/text").asText()).contains(ReportSamples.HOSTILE);
    assertThat(script(0)).doesNotContain("<").doesNotContain(">").doesNotContain("&");
  }

  @Test
  void escapesTheNameOfTheCluster() {
    ReportData small = ReportSamples.small();
    String page =
        ReportPage.html(
            new ReportData(
                "<b>&\"",
                small.version(),
                small.source(),
                small.zoneMinutes(),
                small.from(),
                small.to(),
                List.of(),
                List.of(),
                List.of(),
                0,
                small.usage()));

    assertThat(page).contains("&lt;b&gt;&amp;&quot;").doesNotContain("<b>");
  }

  @Test
  void allowsOnlyItsOwnScript() throws Exception {
    Matcher policy =
        Pattern.compile("content=\"default-src 'none'; [^\"]*script-src 'sha256-([^']+)'\"")
            .matcher(PAGE);

    assertThat(policy.find()).isTrue();
    assertThat(policy.group(1))
        .isEqualTo(
            Base64.getEncoder()
                .encodeToString(
                    MessageDigest.getInstance("SHA-256")
                        .digest(script(1).getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void needsNoOtherFile() {
    assertThat(PAGE)
        .doesNotContainPattern("(?i)<link|<img|<iframe|\\bsrc=|@import|url\\((?!#)")
        .doesNotContain("https://");
    assertThat(PAGE.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://");
  }

  /** The script shows all data as text. */
  @Test
  void neverMakesHtmlOfData() {
    assertThat(script(1))
        .doesNotContainPattern("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(");
  }

  private static String script(int number) {
    return SCRIPT.matcher(PAGE).results().toList().get(number).group(2);
  }
}
