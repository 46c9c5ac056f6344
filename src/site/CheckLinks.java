/* SPDX-License-Identifier: Apache-2.0 */
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Checks that each link within a site leads to a file, and to an anchor that the file has.
 *
 * <p>Usage: {@code java CheckLinks.java SITE}. The exit status is 1 if a link is dead.
 */
public final class CheckLinks {

  private static final Pattern LINK =
      Pattern.compile("(?:href|src)=\"(?!\\w+:|//)([^\"#]*)(?:#([^\"]*))?\"");
  private static final Pattern ANCHOR = Pattern.compile("\\b(?:id|name)=\"([^\"]+)\"");

  private static final Map<Path, Set<String>> ANCHORS = new HashMap<>();

  private CheckLinks() {}

  public static void main(String[] arguments) throws IOException {
    Path site = Path.of(arguments[0]).toAbsolutePath().normalize();
    Path docs = site.resolve("docs");
    List<Path> pages;
    try (Stream<Path> top = Files.list(site);
        Stream<Path> manual = Files.list(docs)) {
      pages = Stream.concat(top, manual).filter(CheckLinks::isPage).sorted().toList();
    }
    Set<String> dead = new TreeSet<>();
    int links = 0;
    for (Path page : pages) {
      for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
        links++;
        if (isDead(page, decoded(link.group(1)), link.group(2))) {
          dead.add(site.relativize(page) + ": " + link.group());
        }
      }
    }
    dead.forEach(System.err::println);
    System.out.printf(
        "%d pages with %d links, %d of them dead%n", pages.size(), links, dead.size());
    System.exit(dead.isEmpty() && pages.size() > 1 ? 0 : 1);
  }

  private static boolean isPage(Path file) {
    return file.toString().endsWith(".html");
  }

  private static boolean isDead(Path page, String file, String anchor) {
    Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
    return !Files.exists(target)
        || (anchor != null && isPage(target) && !anchors(target).contains(decoded(anchor)));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(
        text.replace("+", "%2B").replace("&amp;", "&"), StandardCharsets.UTF_8);
  }

  private static Set<String> anchors(Path page) {
    return ANCHORS.computeIfAbsent(
        page,
        key -> {
          try {
            return ANCHOR
                .matcher(Files.readString(key))
                .results()
                .map(anchor -> anchor.group(1))
                .collect(Collectors.toSet());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
