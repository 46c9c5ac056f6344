/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.ScriptCheck;
import io.github.slurmmaven.status.Style;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * The results of checked job scripts, as a table and as JUnit XML.
 *
 * @param checks result of each script
 * @param names returns the shown name of a script
 */
record CheckReport(List<ScriptCheck> checks, Function<Path, String> names) {

  private static final String SUITE = "slurm:check";

  private static final Pattern NO_XML =
      Pattern.compile("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");

  private static final Pattern SPEAKER = Pattern.compile("^sbatch: (error: )?");

  /** A line for each script. */
  String table(Style style) {
    int width = checks.stream().mapToInt(check -> shown(check).length()).max().orElse(0);
    return checks.stream()
        .map(
            check ->
                (check.isTaken() ? style.good("taken  ") : style.bad("refused"))
                    + ("  %-" + width + "s  ").formatted(shown(check))
                    + said(check))
        .map(line -> line.stripTrailing() + "\n")
        .collect(Collectors.joining());
  }

  /** Returns the message of sbatch on one line, without the program's name. */
  private static String said(ScriptCheck check) {
    return check
        .answer()
        .lines()
        .map(line -> Quoted.plain(SPEAKER.matcher(line).replaceFirst("")))
        .collect(Collectors.joining("; "));
  }

  private String name(ScriptCheck check) {
    return names.apply(check.script());
  }

  private String shown(ScriptCheck check) {
    return Quoted.plain(name(check));
  }

  /** A test suite with a test case for each script, as Surefire writes it. */
  String xml() {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", SUITE);
      xml.writeAttribute("tests", Integer.toString(checks.size()));
      xml.writeAttribute(
          "failures", Long.toString(checks.stream().filter(check -> !check.isTaken()).count()));
      xml.writeAttribute("errors", "0");
      xml.writeAttribute("skipped", "0");
      for (ScriptCheck check : checks) {
        xml.writeCharacters("\n  ");
        write(check, xml);
      }
      xml.writeCharacters("\n");
      xml.writeEndDocument();
      xml.writeCharacters("\n");
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e); // Nothing is written but to memory.
    }
    return text.toString();
  }

  private void write(ScriptCheck check, XMLStreamWriter xml) throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", SUITE);
    xml.writeAttribute("name", allowed(name(check)));
    if (!check.isTaken()) {
      xml.writeStartElement("failure");
      xml.writeAttribute("message", allowed(said(check)));
      xml.writeCharacters(allowed(check.answer()));
      xml.writeEndElement();
    } else if (!check.answer().isEmpty()) {
      xml.writeStartElement("system-out");
      xml.writeCharacters(allowed(check.answer()));
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private static String allowed(String text) {
    return NO_XML.matcher(text).replaceAll("\uFFFD");
  }
}
