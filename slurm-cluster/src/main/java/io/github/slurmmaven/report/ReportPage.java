/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.common.Templates;
import io.github.slurmmaven.resource.Resources;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.velocity.VelocityContext;

/**
 * The page: one file with styles, script and data. Names and outputs of jobs may contain any text,
 * so the script shows them as text, and the page's content security policy allows no other script.
 */
final class ReportPage {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Templates TEMPLATES = new Templates(ReportPage.class);

  private ReportPage() {}

  static String html(ReportData data) {
    String script = Resources.text(ReportPage.class, "report.js");
    String style = Resources.text(ReportPage.class, "report.css");
    VelocityContext model = new VelocityContext();
    model.put("cluster", escaped(data.cluster()));
    model.put("version", escaped(data.version()));
    model.put("script", script);
    model.put("scriptDigest", digest("\n" + script));
    model.put("style", style);
    model.put("data", embedded(data));
    return TEMPLATES.merge("report.html.vm", model);
  }

  /** Returns JSON that cannot end an HTML element or begin a comment. */
  private static String embedded(ReportData data) {
    try {
      return JSON.writeValueAsString(data)
          .replace("&", "\\u0026")
          .replace("<", "\\u003c")
          .replace(">", "\\u003e")
          .replace("\u2028", "\\u2028")
          .replace("\u2029", "\\u2029");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report can always be written", e);
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static String digest(String text) {
    return Base64.getEncoder()
        .encodeToString(Sha256.begin().digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
