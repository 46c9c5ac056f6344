/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The pages in docs, README and what stands beside it: a reader gets to each, and no link is dead.
 */
class DocumentationTest {

  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Path INDEX = PROJECT.resolve("docs/index.md");

  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```|`[^`\n]*`");

  /** A link within the project: its file, which may be absent, and its heading, too. */
  private static final Pattern LINK = Pattern.compile("\\]\\((?!\\w+:)([^)#]*)(?:#([^)]*))?\\)");

  /** A block, and the end of the paragraph before it, which is absent after a heading. */
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^(?:([^\n]+)\n\n)?```\\w*\n(.*?)^```$");

  /** The last link of a text to a file of examples. */
  private static final Pattern EXAMPLE = Pattern.compile(".*\\]\\(([^)]*examples/[^)]*)\\).*");

  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(PROJECT.resolve("docs"));
        Stream<Path> top = Files.list(PROJECT)) {
      return Stream.concat(docs, top)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  @Test
  void theIndexLeadsToEveryPage() throws IOException {
    Set<Path> reached =
        links(INDEX).map(link -> target(INDEX, link.group(1))).collect(Collectors.toSet());
    reached.add(INDEX);
    assertThat(reached).containsAll(pages());
  }

  @ParameterizedTest
  @MethodSource("manual")
  void aPageSaysFirstWhoItIsFor(Path page) {
    assertThat(text(page)).matches("(?s)# [^\n]+\n\nFor .*");
  }

  static List<Path> manual() throws IOException {
    return pages().stream().filter(page -> page.getParent().equals(INDEX.getParent())).toList();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksLeadToFilesAndHeadings(Path page) {
    assertThat(links(page).filter(link -> isDead(page, link)).map(MatchResult::group)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void blocksBelowALinkToAnExampleAreFromItsFile(Path page) {
    examples(page).forEach((block, file) -> assertThat(text(file)).contains(block));
  }

  @Test
  void eachBlockOfTheTutorialIsFromAFile() {
    Path tutorial = PROJECT.resolve("docs/tutorial.md");

    assertThat(examples(tutorial).keySet())
        .containsExactlyElementsOf(
            BLOCK.matcher(text(tutorial)).results().map(block -> block.group(2)).toList());
  }

  /** The blocks whose paragraph before links to a file of examples, with that file. */
  private static Map<String, Path> examples(Path page) {
    Map<String, Path> files = new LinkedHashMap<>();
    for (MatchResult block : BLOCK.matcher(text(page)).results().toList()) {
      Matcher link = EXAMPLE.matcher(Objects.requireNonNullElse(block.group(1), ""));
      if (link.matches()) {
        files.put(block.group(2), target(page, link.group(1)));
      }
    }
    return files;
  }

  private static boolean isDead(Path page, MatchResult link) {
    Path file = target(page, link.group(1));
    return !Files.exists(file) || (link.group(2) != null && !anchors(file).contains(link.group(2)));
  }

  private static Path target(Path page, String file) {
    return file.isEmpty() ? page : page.resolveSibling(file).normalize();
  }

  private static Stream<MatchResult> links(Path page) {
    return LINK.matcher(CODE.matcher(text(page)).replaceAll("")).results();
  }

  /** What a page's headings are called in addresses: as on GitHub, without most punctuation. */
  private static Set<String> anchors(Path page) {
    return HEADING
        .matcher(text(page))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
