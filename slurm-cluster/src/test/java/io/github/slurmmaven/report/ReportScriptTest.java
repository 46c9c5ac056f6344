/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.htmlunit.BrowserVersion;
import org.htmlunit.WebClient;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.DomText;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The page after its script has run, in HtmlUnit. A test fails when the script throws an exception.
 * HtmlUnit 5.7 takes neither {@code f(...list)} nor {@code dataset} of an SVG element, so the
 * script has neither.
 */
class ReportScriptTest {

  /** {@code -Dgolden.update} writes the document anew instead of comparing with it. */
  private static final boolean UPDATE = System.getProperty("golden.update") != null;

  private static final Path GOLDEN = Path.of("src/test/resources/report/small-drawn.txt");

  /**
   * What HtmlUnit lacks: it lays nothing out, and draws no frames. So the timeline has a size of
   * its own. Of its 1,360 pixels, 160 are for names; the small report is of 120 seconds, so each
   * has 10 pixels.
   */
  private static final String BROWSER =
      """
      <script>
      let scrolled = 0;
      window.ResizeObserver = function () { this.observe = () => {}; };
      window.requestAnimationFrame = (draw) => draw();
      Object.defineProperty(Element.prototype, 'clientWidth', { get: () => 1360 });
      Object.defineProperty(Element.prototype, 'clientHeight', { get: () => 640 });
      Object.defineProperty(Element.prototype, 'scrollTop',
        { get: () => scrolled, set: (value) => { scrolled = value; } });
      </script>
      """;

  private final WebClient client = new WebClient(BrowserVersion.CHROME);

  @AfterEach
  void close() {
    client.close();
  }

  private HtmlPage open(ReportData data) throws IOException {
    client.getOptions().setThrowExceptionOnScriptError(true);
    HtmlPage page =
        client.loadHtmlCodeIntoCurrentWindow(
            ReportPage.html(data).replace("<head>", "<head>" + BROWSER));
    assertThat(page.getDocumentElement().getAttribute("data-ready")).isEqualTo("true");
    return page;
  }

  @Test
  void drawsTheSameDocumentForTheSameData() throws IOException {
    StringBuilder drawn = new StringBuilder();
    write(open(ReportSamples.small()).getBody(), "", drawn);
    if (UPDATE) {
      Files.writeString(GOLDEN, drawn);
    }

    assertThat(drawn).hasToString(Files.readString(GOLDEN));
  }

  @Test
  void aJobHasABarOnEachOfItsNodesWhileItRuns() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    // Job 2 ran on two nodes from the 5th to the 40th second, after it had waited for 3 seconds.
    assertThat(bars(page, 1)).containsExactly("50+350 failed", "50+350 failed", "20+30 waiting");
    // Job 9 has ended after 105 seconds, and still completes.
    assertThat(bars(page, 8))
        .containsExactly("700+350 running", "1050+140 completing", "200+500 waiting");
    // Job 8 never ran.
    assertThat(bars(page, 7)).containsExactly("160+500 waiting");
  }

  @Test
  void showsHowMuchOfTheClusterJobsHad() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    assertThat(page.getElementById("sheet").asNormalizedText())
        .contains("most 12 of 40", "most 12 GB of 112 GB", "most 1 of 4");
    // Two CPUs of job 1, from the 1st second.
    assertThat(page.<DomElement>querySelector("path.area").getAttribute("d"))
        .startsWith("M0 48L0 48L10 48L10 46.1");
  }

  @Test
  void aClickOnAJobShowsItsReasonScriptAndOutput() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    page.<DomElement>querySelector(".job[data-job='1'] rect").click();

    assertThat(page.getElementById("details").hasAttribute("open")).isTrue();
    assertThat(page.getElementById("details-heading").getTextContent()).isEqualTo("Job 2 · solver");
    assertThat(page.getElementById("details-body").asNormalizedText().lines())
        .containsSubsequence(
            "failed (F)",
            "NonZeroExitCode",
            "3:0 (code:signal)",
            "n1, n2",
            "2026-11-30 10:00:05 (waited 3 s)",
            "2026-11-30 10:00:40 (ran 35 s)",
            "Script",
            "#!/bin/bash",
            "echo 'solver'",
            "Output",
            "/home/slurm/slurm-2.out",
            "solver");

    page.getElementById("close").click();
    assertThat(page.getElementById("details").hasAttribute("open")).isFalse();
  }

  @Test
  void aButtonOfTheTableShowsAJobThatHasNoBar() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    page.<DomElement>getFirstByXPath("//table[@id='jobs']//button[.='11']").click();

    assertThat(page.getElementById("details-body").asNormalizedText()).contains("Resources");
  }

  @Test
  void aClickOnAMarkShowsWhatWasLogged() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    page.<DomElement>querySelector(".event[data-events='1 2'] path").click();

    assertThat(page.getElementById("details-body").asNormalizedText())
        .contains("error: Nodes n3 not responding")
        .contains("update_node: node n3 state set to DOWN")
        .doesNotContain("oom_kill");
  }

  @Test
  void zoomsIn() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    page.getElementById("zoom-in").click();
    page.getElementById("zoom-in").click();
    assertThat(width(page)).isEqualTo("4960px");

    page.getElementById("zoom-all").click();
    assertThat(width(page)).isEqualTo("1360px");
    assertThat(bars(page, 7)).containsExactly("160+500 waiting");
  }

  private static String width(HtmlPage page) {
    return page.executeJavaScript("document.getElementById('sheet').style.width")
        .getJavaScriptResult()
        .toString();
  }

  @Test
  void listsTheJobsThatAFilterMatches() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    ((HtmlInput) page.getElementById("filter")).type("oUt of");

    assertThat(page.getElementById("count").getTextContent()).isEqualTo("1 of 12 jobs");
    assertThat(page.querySelectorAll("#jobs td:first-child"))
        .filteredOn(cell -> !((DomElement) cell.getParentNode()).hasAttribute("hidden"))
        .extracting(DomNode::getTextContent)
        .containsExactly("6");
  }

  @Test
  void neverRunsANameOfAJob() throws IOException {
    HtmlPage page = open(ReportSamples.small());

    page.<DomElement>querySelector(".job[data-job='2'] rect").click();

    assertThat(page.getElementById("details-heading").getTextContent())
        .isEqualTo("Job 3 · " + ReportSamples.HOSTILE);
    assertThat(page.getTitleText()).isEqualTo("Slurm cluster sample: report");
  }

  /** What keeps a long report quick in a browser: it draws what is in view, and a little more. */
  @Test
  void drawsTheRowsThatAreInView() throws IOException {
    HtmlPage page = open(ReportSamples.large(1000, 64));
    assertThat(page.querySelectorAll("#jobs button")).hasSize(1000);
    assertThat(names(page)).contains("node-0").doesNotContain("Waiting");

    page.executeJavaScript(
        """
        const chart = document.getElementById('chart');
        chart.scrollTop = parseInt(document.getElementById('sheet').style.height) - 640;
        chart.dispatchEvent(new Event('scroll'));
        """);
    assertThat(names(page)).contains("Waiting").doesNotContain("node-0");
  }

  private static List<String> names(HtmlPage page) {
    return page.querySelectorAll(".label.name title").stream()
        .map(title -> title.getTextContent().split(":")[0])
        .toList();
  }

  /** The bars of a job, in the order of the rows: where each begins, its width, and its look. */
  private static List<String> bars(HtmlPage page, int job) {
    return page.querySelectorAll(".job[data-job='%d'] rect:not(.plate)".formatted(job)).stream()
        .map(DomElement.class::cast)
        .map(
            bar ->
                bar.getAttribute("x")
                    + "+"
                    + bar.getAttribute("width")
                    + " "
                    + bar.getAttribute("class").replace("stroke-", ""))
        .toList();
  }

  /** Writes an element and what it holds, one on a line. */
  private static void write(DomElement element, String indent, StringBuilder to) {
    if (element.getTagName().equals("script")) {
      return;
    }
    to.append(indent).append(element.getTagName());
    element
        .getAttributesMap()
        .forEach((name, value) -> to.append(' ').append(name).append('=').append(value.getValue()));
    String text =
        StreamSupport.stream(element.getChildren().spliterator(), false)
            .filter(DomText.class::isInstance)
            .map(DomNode::getTextContent)
            .collect(Collectors.joining())
            .strip();
    to.append(text.isEmpty() ? "" : " | " + text.replace("\n", "\\n")).append('\n');
    element.getChildElements().forEach(child -> write(child, indent + "  ", to));
  }
}
