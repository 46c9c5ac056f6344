/* SPDX-License-Identifier: Apache-2.0 */
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Copies the pages of the manual for the site, and gives each heading the anchor that it has on
 * GitHub, by which the pages link to it: Doxia makes other ones, or none.
 *
 * <p>Usage: {@code java Pages.java PROJECT TARGET}.
 */
public final class Pages {

  private static final Pattern HEADING = Pattern.compile("(#+) (.*)");

  private Pages() {}

  public static void main(String[] arguments) throws IOException {
    Path project = Path.of(arguments[0]);
    Path target = Path.of(arguments[1]);
    for (Path directory : List.of(project, project.resolve("docs"))) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path page : files.filter(file -> file.toString().endsWith(".md")).toList()) {
          Path copy = target.resolve(project.relativize(page));
          Files.createDirectories(copy.getParent());
          Files.write(copy, withAnchors(Files.readAllLines(page)));
        }
      }
    }
  }

  private static List<String> withAnchors(List<String> page) {
    List<String> lines = new ArrayList<>();
    boolean inBlock = false;
    for (String line : page) {
      inBlock ^= line.strip().startsWith("```");
      Matcher heading = HEADING.matcher(line);
      lines.add(
          !inBlock && heading.matches()
              ? "%s <a id=\"%s\"></a>%s"
                  .formatted(heading.group(1), anchor(heading.group(2)), heading.group(2))
              : line);
    }
    return lines;
  }

  private static String anchor(String heading) {
    String anchor =
        heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
    // Doxia does the same to the links.
    return Character.isDigit(anchor.charAt(0)) ? "a" + anchor : anchor;
  }
}
