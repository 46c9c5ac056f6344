/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.site.SiteAccounting.Association;
import io.github.slurmmaven.site.SiteAccounting.Quality;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what sacctmgr writes: the file of {@code sacctmgr dump}, and what {@code sacctmgr -P show}
 * prints of associations, qualities of service and users. A file is recognized by its first line;
 * its name does not matter.
 */
final class AccountingFiles {

  /** The content of a text. */
  private enum Content {
    DUMP("a dump"),
    ASSOCIATIONS("associations"),
    QOS("qualities of service"),
    USERS("users");

    private final String words;

    Content(String words) {
      this.words = words;
    }
  }

  private static final int MAX_BYTES = 64 << 20;

  /** Bytes of a file that are read to recognize it; a dump begins with a comment. */
  private static final int HEAD = 8192;

  /** A line of a dump: type, name, and options after colons. */
  private static final Pattern LINE =
      Pattern.compile(
          "(?i)\\s*(Cluster|Machine|Parent|Account|Project|User|QOS)\\s*-\\s*(['\"]?)([^'\":]+)\\2(:.*)?");

  /** The first line of a dump after its comment. */
  private static final Pattern FIRST =
      Pattern.compile("(?i)\\s*(Cluster|Machine|QOS)\\s*-\\s*\\S.*");

  /** An option. GPU types in unquoted values also follow a colon. */
  private static final Pattern OPTION =
      Pattern.compile(
          ":(?<key>[A-Za-z]+)=(?:(?<quote>['\"])(?<quoted>.*?)\\k<quote>(?=:|\\s*$)|(?<plain>.*?)(?=(?<!gres/[A-Za-z0-9_-]{1,60}):|\\s*$))");

  private static final Pattern BREAK = Pattern.compile("\r\n|\n|\r");

  private static final Set<String> OF_QOS =
      Set.of("priority", "flags", "preempt", "gracetime", "maxwall", "grptres", "maxtrespu");

  private final SiteAccounting accounting = new SiteAccounting();

  private AccountingFiles() {}

  /**
   * Reads the files of a directory.
   *
   * @param directory the site's files
   * @param cluster the ClusterName of its slurm.conf
   * @throws UserMistakeException when a file cannot be read; names the place
   */
  static SiteAccounting read(Path directory, Optional<String> cluster) {
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (content(head(file)).isPresent()) {
          texts.put(String.valueOf(file.getFileName()), text(file));
        }
      }
    } catch (IOException e) {
      throw unreadable(directory, e);
    }
    return of(texts, cluster);
  }

  /**
   * Reads texts.
   *
   * @param texts output of sacctmgr, by the names to report; other texts are skipped
   * @param cluster the ClusterName of the site's slurm.conf
   * @throws UserMistakeException when a text cannot be read; names the place
   */
  static SiteAccounting of(Map<String, String> texts, Optional<String> cluster) {
    Map<Content, String> names = new LinkedHashMap<>();
    texts.forEach(
        (name, text) ->
            content(text)
                .ifPresent(
                    content -> {
                      String other = names.putIfAbsent(content, name);
                      if (other != null) {
                        throw new UserMistakeException(
                            "site: %s and %s both have %s of sacctmgr: leave one of them"
                                .formatted(Quoted.plain(other), Quoted.plain(name), content.words));
                      }
                    }));
    AccountingFiles files = new AccountingFiles();
    for (Content content : Content.values()) {
      String name = names.get(content);
      if (name != null) {
        files.read(content, name, Objects.requireNonNull(texts.get(name)));
      }
    }
    files.accounting.keepOnly(cluster);
    return files.accounting;
  }

  private static String head(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      return new String(stream.readNBytes(HEAD), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // is nothing that the twin needs, or slurm.conf includes it and its reader says so
    }
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserMistakeException(
            "site: %s is larger than 64 MiB: make it of one cluster, with sacctmgr dump NAME"
                .formatted(Quoted.plain(file.toString())));
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UserMistakeException unreadable(Path file, IOException e) {
    return new UserMistakeException(
        "site: %s cannot be read: %s. Make it readable, or move it away"
            .formatted(Quoted.plain(file.toString()), FileFailure.of(e)),
        e);
  }

  private static Optional<Content> content(String text) {
    String first =
        BREAK
            .splitAsStream(text)
            .filter(line -> !line.isBlank() && !line.stripLeading().startsWith("#"))
            .findFirst()
            .orElse("");
    if (FIRST.matcher(first).matches()) {
      return Optional.of(Content.DUMP);
    }
    if (first.indexOf('|') < 0) {
      return Optional.empty();
    }
    List<String> columns = Arrays.stream(first.split("\\|", -1)).map(SiteAccounting::key).toList();
    if (columns.contains("account") && columns.contains("user")) {
      return Optional.of(Content.ASSOCIATIONS);
    }
    if (columns.contains("name") && columns.stream().anyMatch(OF_QOS::contains)) {
      return Optional.of(Content.QOS);
    }
    return columns.contains("user") && columns.contains("defacct")
        ? Optional.of(Content.USERS)
        : Optional.empty();
  }

  private void read(Content content, String name, String text) {
    switch (content) {
      case DUMP -> readDump(name, text);
      case ASSOCIATIONS -> {
        if (accounting.associations().isEmpty()) {
          readAssociations(name, text);
        } else {
          accounting.addUnread(name, "the dump already has this");
        }
      }
      case QOS -> {
        if (accounting.qualities().isEmpty()) {
          table(name, text)
              .forEach(
                  row -> {
                    Setting first = Objects.requireNonNull(row.get("name"));
                    accounting.add(
                        new Quality(SiteAccounting.name(first.value()), row, first.place()));
                  });
        } else {
          accounting.addUnread(name, "the dump already has this");
        }
      }
      case USERS ->
          table(name, text)
              .forEach(
                  row ->
                      accounting.setDefaultAccount(
                          value(row, "user").orElse(""), value(row, "defacct").orElse("")));
    }
  }

  // ---- dump ------------------------------------------------------------------------------------

  private void readDump(String file, String text) {
    String[] lines = BREAK.split(text, -1);
    String parent = SiteAccounting.ROOT;
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].isBlank() || lines[i].stripLeading().startsWith("#")) {
        continue;
      }
      Place place = new Place(file, i + 1, 1);
      Matcher line = LINE.matcher(lines[i]);
      if (!line.matches()) {
        throw place.mistake(
            lines[i].strip(), "is not a line of a dump: make the file anew with sacctmgr dump");
      }
      String name = SiteAccounting.name(line.group(3));
      Map<String, Setting> values = options(file, i + 1, lines[i], line);
      switch (SiteAccounting.key(line.group(1))) {
        case "parent" -> parent = name;
        case "qos" -> accounting.add(new Quality(name, values, place));
        case "user" ->
            accounting.add(
                new Association(parent, Optional.of(name), Optional.empty(), values, place));
        case "account", "project" ->
            accounting.add(
                new Association(name, Optional.empty(), Optional.of(parent), values, place));
        default ->
            accounting.add(
                new Association(
                    SiteAccounting.ROOT, Optional.empty(), Optional.empty(), values, place));
      }
    }
  }

  private static Map<String, Setting> options(String file, int number, String text, Matcher line) {
    Map<String, Setting> values = new LinkedHashMap<>();
    int end = line.group(4) == null ? text.length() : line.start(4);
    Matcher option = OPTION.matcher(text);
    while (end < text.length() && !text.substring(end).isBlank()) {
      if (!option.region(end, text.length()).lookingAt()) {
        throw new Place(file, number, end + 1)
            .mistake(
                text.substring(end).strip(),
                "is not an option of a dump, as in :Fairshare=1: make the file anew with sacctmgr"
                    + " dump");
      }
      String key = option.group("key");
      String value = option.group("quote") == null ? option.group("plain") : option.group("quoted");
      values.put(
          SiteAccounting.key(key),
          new Setting(key, value, new Place(file, number, option.start("key") + 1)));
      end = option.end();
    }
    return values;
  }

  // ---- tables ----------------------------------------------------------------------------------

  private void readAssociations(String file, String text) {
    List<Map<String, Setting>> rows = table(file, text);
    boolean hasTree =
        rows.stream().anyMatch(row -> value(row, "account").orElse("").startsWith(" "));
    boolean hasParents = rows.stream().anyMatch(row -> row.containsKey("parname"));
    List<String> above = new ArrayList<>();
    for (Map<String, Setting> row : rows) {
      String written = value(row, "account").orElse("");
      Optional<String> user = value(row, "user").map(SiteAccounting::name);
      String account = SiteAccounting.name(written);
      if (account.isEmpty()) {
        continue; // a user without an account, in a table of users
      }
      Optional<String> parent = value(row, "parname").map(SiteAccounting::name);
      if (hasTree && user.isEmpty()) {
        int depth = written.length() - written.stripLeading().length();
        above.subList(Math.min(depth, above.size()), above.size()).clear();
        parent = above.isEmpty() ? Optional.empty() : Optional.of(above.get(above.size() - 1));
        above.add(account);
      }
      Place place = Objects.requireNonNull(row.get("account")).place();
      if (!hasTree && !hasParents && !account.equals(SiteAccounting.ROOT)) {
        accounting.setFlat(place);
      }
      accounting.add(new Association(account, user, parent, row, place));
    }
  }

  private static Optional<String> value(Map<String, Setting> row, String key) {
    @Nullable Setting setting = row.get(key);
    return Optional.ofNullable(setting).map(Setting::value).filter(value -> !value.isBlank());
  }

  /** Returns the rows of a table, by the keys of its first line. */
  private static List<Map<String, Setting>> table(String file, String text) {
    String[] lines = BREAK.split(text, -1);
    List<Map<String, Setting>> rows = new ArrayList<>();
    String[] header = null;
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].isBlank()) {
        continue;
      }
      String[] columns = lines[i].split("\\|", -1);
      if (header == null) {
        header = columns;
        continue;
      }
      if (columns.length != header.length) {
        throw new Place(file, i + 1, 1)
            .mistake(
                lines[i].strip(),
                "has %d columns, and the first line of the file has %d: make the file anew with sacctmgr -P show"
                    .formatted(columns.length, header.length));
      }
      Map<String, Setting> row = new LinkedHashMap<>();
      int column = 1;
      for (int j = 0; j < columns.length; j++) {
        if (!header[j].isBlank()) {
          row.put(
              SiteAccounting.key(header[j]),
              new Setting(header[j].strip(), columns[j], new Place(file, i + 1, column)));
        }
        column += columns[j].length() + 1;
      }
      rows.add(row);
    }
    return rows;
  }
}
