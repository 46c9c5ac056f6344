/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads single values in the syntaxes of Compose. */
final class Values {

  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,18})|([0-9]{1,18}(?:\\.[0-9]{1,9})?) ?(b|k|kb|m|mb|g|gb)");
  private static final Pattern DURATION =
      Pattern.compile("(?:([0-9]{1,9}(?:\\.[0-9]{1,9})?)(us|ms|s|m|h))");
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

  private static final Pattern DOTS = Pattern.compile("/\\.\\.?(/|$)");

  private Values() {}

  static boolean bool(Node node) {
    String text = node.asWritten();
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "y", "on" -> true;
      case "false", "no", "n", "off" -> false;
      default -> throw node.at().mistake(text, "is neither true nor false");
    };
  }

  static int integer(Node node, int min, int max) {
    String text = node.asWritten();
    try {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw node.at().mistake(text, "is not a whole number from " + min + " to " + max);
  }

  static double processors(Node node) {
    String text = node.asWritten();
    if (!text.matches("[0-9]{1,6}(\\.[0-9]{1,9})?|\\.[0-9]{1,9}")) {
      throw node.at().mistake(text, "is not a number of processors: use for example 0.5 or 2");
    }
    return Double.parseDouble(text);
  }

  static long bytes(Node node) {
    String text = node.asWritten();
    Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (size.matches()) {
      boolean plain = size.group(1) != null;
      int shift =
          switch (plain ? "b" : size.group(3)) {
            case "k", "kb" -> 10;
            case "m", "mb" -> 20;
            case "g", "gb" -> 30;
            default -> 0;
          };
      BigDecimal bytes =
          new BigDecimal(size.group(plain ? 1 : 2)).multiply(BigDecimal.valueOf(1L << shift));
      if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0) {
        return bytes.longValue();
      }
    }
    throw node.at()
        .mistake(
            text, "is not a size: use a number with unit b, k, kb, m, mb, g or gb, such as 512m");
  }

  static Duration duration(Node node) {
    String text = node.asWritten();
    Matcher part = DURATION.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      long unit =
          switch (part.group(2)) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
          };
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
      end = part.end();
    }
    if (end == 0
        || end < text.length()
        || nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw node.at()
          .mistake(
              text, "is not a duration: use numbers with units us, ms, s, m or h, such as 1m30s");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  static List<String> strings(Node node) {
    List<String> strings = new ArrayList<>();
    for (Node element : node.asList()) {
      strings.add(element.asString());
    }
    return strings;
  }

  static List<String> distinctStrings(Node node) {
    return List.copyOf(new LinkedHashSet<>(strings(node)));
  }

  /** Returns a list, or a line split into words. */
  static List<String> commandLine(Node node) {
    return node instanceof Node.Sequence ? strings(node) : words(node);
  }

  static boolean isIpv4(String text) {
    return IPV4.matcher(text).matches();
  }

  /** Whether a text can only be an IPv6 address. It does not query a name server. */
  static boolean isIpv6(String text) {
    return text.contains(":") && text.matches("[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?");
  }

  static boolean isSubnet(String text) {
    String[] parts = text.split("/", -1);
    return parts.length == 2 && isIpv4(parts[0]) && parts[1].matches("[1-9]|[12][0-9]|30");
  }

  static boolean contains(String subnet, String address) {
    String[] parts = subnet.split("/", -1);
    int hostBits = 32 - Integer.parseInt(parts[1]);
    return ipv4(parts[0]) >> hostBits == ipv4(address) >> hostBits;
  }

  private static long ipv4(String address) {
    long number = 0;
    for (String part : address.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(part);
    }
    return number;
  }

  /** Returns a path within a container, without redundant slashes. */
  static String absolutePath(Node node, String path) {
    if (!path.startsWith("/") || DOTS.matcher(path).find()) {
      throw node.at().mistake(path, "is not an absolute path without . and ..");
    }
    return path.replaceAll("/+", "/").replaceAll("(?<=.)/$", "");
  }

  /** Splits a line as Compose does, with the quotes and backslashes of a shell. */
  private static List<String> words(Node node) {
    String line = node.asString();
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && quote != '\'') {
        if (++i == line.length()) {
          throw node.at().mistake(line, "ends with a backslash that escapes nothing");
        }
        word.append(line.charAt(i));
        inWord = true;
      } else if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        inWord = true;
      } else if (" \t\r\n".indexOf(c) >= 0) {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else if (";&|<>()".indexOf(c) >= 0) {
        throw node.at()
            .mistake(
                line,
                "has an unquoted "
                    + c
                    + ", but no shell reads it: put it in quotes, or use a list such as"
                    + " [sh, -c, \"...\"]");
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quote != 0) {
      throw node.at().mistake(line, "has no closing " + quote);
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  /** Returns an IPv4 or IPv6 address. */
  static String address(Node node, String address) {
    if (!isIpv4(address) && !isIpv6(address)) {
      throw node.at().mistake(address, "is not an IP address");
    }
    return address;
  }
}
