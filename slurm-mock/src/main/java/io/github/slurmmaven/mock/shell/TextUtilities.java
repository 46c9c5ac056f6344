/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The utilities that work on text. */
final class TextUtilities {

  private TextUtilities() {}

  static void addTo(Map<String, Program> programs) {
    programs.put("echo", TextUtilities::echo);
    programs.put("printf", TextUtilities::printFormatted);
    programs.put("cat", TextUtilities::concatenate);
    programs.put("head", call -> part(call, true));
    programs.put("tail", call -> part(call, false));
    programs.put("wc", TextUtilities::count);
    programs.put("grep", TextUtilities::search);
    programs.put("egrep", TextUtilities::search);
    programs.put("sort", TextUtilities::sort);
    programs.put("uniq", TextUtilities::unique);
    programs.put("cut", TextUtilities::cut);
    programs.put("tr", TextUtilities::translate);
    programs.put("tee", TextUtilities::tee);
    programs.put("seq", TextUtilities::sequence);
  }

  private static int echo(Call call) {
    List<String> words = new ArrayList<>(call.arguments());
    boolean newline = true;
    boolean escapes = false;
    while (!words.isEmpty() && words.get(0).matches("-[neE]+")) {
      String option = words.remove(0);
      newline &= !option.contains("n");
      escapes |= option.contains("e");
    }
    String text = String.join(" ", words);
    call.out().print((escapes ? Escapes.apply(text) : text) + (newline ? "\n" : ""));
    return 0;
  }

  private static int printFormatted(Call call) {
    List<String> arguments = call.arguments();
    if (arguments.isEmpty()) {
      call.complain("bash: line 1: printf: usage: printf [-v var] format [arguments]");
      return 2;
    }
    String format = arguments.get(0).equals("--") ? arguments.get(1) : arguments.get(0);
    List<String> values =
        new ArrayList<>(arguments.subList(arguments.get(0).equals("--") ? 2 : 1, arguments.size()));
    int before;
    do {
      before = values.size();
      call.out().print(formatted(format, values));
    } while (!values.isEmpty() && values.size() < before);
    return 0;
  }

  private static String formatted(String format, List<String> values) {
    StringBuilder result = new StringBuilder();
    int i = 0;
    int literal = 0;
    while ((i = format.indexOf('%', i)) >= 0) {
      result.append(Escapes.apply(format.substring(literal, i)));
      int end = i + 1;
      while (end < format.length() && "-+ 0123456789.".indexOf(format.charAt(end)) >= 0) {
        end++;
      }
      char kind = end < format.length() ? format.charAt(end) : '%';
      String flags = format.substring(i, end);
      if (kind == '%') {
        result.append('%');
      } else {
        String value = values.isEmpty() ? "" : values.remove(0);
        result.append(
            switch (kind) {
              case 'd', 'i' -> (flags + "d").formatted(number(value));
              case 'b' -> (flags + "s").formatted(Escapes.apply(value));
              case 'q' -> "'" + value.replace("'", "'\\''") + "'";
              default -> (flags + "s").formatted(value);
            });
      }
      i = Math.min(end + 1, format.length());
      literal = i;
    }
    return result.append(Escapes.apply(format.substring(literal))).toString();
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Returns the content of the operands' files, or standard input. */
  private static List<byte[]> inputs(Call call, List<String> operands) throws IOException {
    List<byte[]> inputs = new ArrayList<>();
    for (String operand : operands.isEmpty() ? List.of("-") : operands) {
      if (operand.equals("-")) {
        inputs.add(call.in().readAllBytes());
        continue;
      }
      Path file = call.file(operand);
      if (Files.isDirectory(file)) {
        call.complain("%s: %s: Is a directory".formatted(call.name(), operand));
      } else if (Files.exists(file)) {
        inputs.add(Files.readAllBytes(file));
      } else {
        call.complain(
            call.name().matches("head|tail")
                ? "%s: cannot open '%s' for reading: No such file or directory"
                    .formatted(call.name(), operand)
                : "%s: %s: No such file or directory".formatted(call.name(), operand));
      }
    }
    return inputs;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int status(List<byte[]> inputs, List<String> operands) {
    return inputs.size() < Math.max(1, operands.size()) ? 1 : 0;
  }

  private static int concatenate(Call call) throws IOException {
    List<String> operands = new Options(call.arguments(), "").operands();
    List<byte[]> inputs = inputs(call, operands);
    for (byte[] input : inputs) {
      call.out().write(input);
    }
    return status(inputs, operands);
  }

  private static int part(Call call, boolean head) throws IOException {
    Options options = new Options(call.arguments(), "nc");
    List<byte[]> inputs = inputs(call, options.operands());
    boolean bytes = options.has("c");
    String amount = options.value(bytes ? "c" : "n").orElse("10");
    for (byte[] input : inputs) {
      String text = new String(input, StandardCharsets.ISO_8859_1);
      List<String> units = List.of(text.split(bytes ? "(?<=.)" : "(?<=\n)"));
      units = text.isEmpty() ? List.of() : units;
      int n = (int) Math.min(Integer.MAX_VALUE, Math.abs(number(amount.replace("+", ""))));
      int size = units.size();
      List<String> chosen;
      if (head) {
        chosen =
            units.subList(0, Math.max(0, amount.startsWith("-") ? size - n : Math.min(n, size)));
      } else if (amount.startsWith("+")) {
        chosen = units.subList(Math.min(size, Math.max(0, n - 1)), size);
      } else {
        chosen = units.subList(Math.max(0, size - n), size);
      }
      call.out().write(String.join("", chosen).getBytes(StandardCharsets.ISO_8859_1));
    }
    return status(inputs, options.operands());
  }

  private static int count(Call call) throws IOException {
    Options options = new Options(call.arguments(), "");
    List<byte[]> inputs = inputs(call, options.operands());
    boolean all = !options.has("l") && !options.has("w") && !options.has("c");
    for (int i = 0; i < inputs.size(); i++) {
      String text = text(inputs.get(i));
      List<String> counts = new ArrayList<>();
      if (all || options.has("l")) {
        counts.add(Long.toString(text.chars().filter(each -> each == '\n').count()));
      }
      if (all || options.has("w")) {
        counts.add(Long.toString(text.isBlank() ? 0 : text.strip().split("\\s+", -1).length));
      }
      if (all || options.has("c")) {
        counts.add(Integer.toString(inputs.get(i).length));
      }
      String name = options.operands().isEmpty() ? "" : " " + options.operands().get(i);
      String numbers =
          counts.size() == 1
              ? counts.get(0)
              : String.join("", counts.stream().map("%7s "::formatted).toList()).stripTrailing();
      call.say(numbers + name);
    }
    return status(inputs, options.operands());
  }

  private static int search(Call call) throws IOException {
    Options options = new Options(call.arguments(), "em");
    List<String> operands = new ArrayList<>(options.operands());
    String expression =
        options.value("e").orElseGet(() -> operands.isEmpty() ? "" : operands.remove(0));
    boolean extended = options.has("E") || options.has("P") || call.name().equals("egrep");
    Pattern pattern;
    try {
      String regex =
          options.has("F") ? Pattern.quote(expression) : extended ? expression : basic(expression);
      regex = options.has("w") ? "\\b(?:" + regex + ")\\b" : regex;
      regex = options.has("x") ? "^(?:" + regex + ")$" : regex;
      pattern = Pattern.compile(regex, options.has("i") ? Pattern.CASE_INSENSITIVE : 0);
    } catch (PatternSyntaxException e) {
      call.complain("grep: " + e.getDescription());
      return 2;
    }
    List<byte[]> inputs = inputs(call, operands);
    long found = 0;
    for (int i = 0; i < inputs.size(); i++) {
      String prefix = operands.size() > 1 && !options.has("h") ? operands.get(i) + ":" : "";
      List<String> lines =
          text(inputs.get(i))
              .lines()
              .filter(line -> pattern.matcher(line).find() != options.has("v"))
              .toList();
      found += lines.size();
      if (options.has("q")) {
        continue;
      }
      if (options.has("c")) {
        call.say(prefix + lines.size());
      } else if (options.has("l")) {
        operands.subList(i, i + (lines.isEmpty() ? 0 : 1)).forEach(call::say);
      } else if (options.has("o")) {
        lines.forEach(
            line -> pattern.matcher(line).results().forEach(match -> call.say(match.group())));
      } else {
        lines.forEach(line -> call.say(prefix + line));
      }
    }
    return inputs.size() < operands.size() ? 2 : found > 0 ? 0 : 1;
  }

  /**
   * Converts a basic regular expression to Java's syntax, in which other characters need a
   * backslash.
   */
  private static String basic(String expression) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '\\' && i + 1 < expression.length()) {
        char next = expression.charAt(++i);
        regex.append("(){}+?|".indexOf(next) >= 0 ? "" : "\\").append(next);
      } else {
        regex.append("(){}+?|".indexOf(c) >= 0 ? "\\" : "").append(c);
      }
    }
    return regex.toString();
  }

  private static int sort(Call call) throws IOException {
    Options options = new Options(call.arguments(), "kto");
    List<byte[]> inputs = inputs(call, options.operands());
    Comparator<String> order =
        options.has("n")
            ? Comparator.comparingLong(TextUtilities::leadingNumber)
                .thenComparing(Comparator.naturalOrder())
            : Comparator.naturalOrder();
    List<String> lines =
        inputs.stream()
            .flatMap(input -> text(input).lines())
            .sorted(options.has("r") ? order.reversed() : order)
            .toList();
    (options.has("u") ? lines.stream().distinct().toList() : lines).forEach(call::say);
    return status(inputs, options.operands());
  }

  private static long leadingNumber(String line) {
    return number(line.strip().replaceAll("^(-?\\d*).*$", "$1"));
  }

  private static int unique(Call call) throws IOException {
    Options options = new Options(call.arguments(), "");
    String before = null;
    int times = 0;
    List<String> lines = new ArrayList<>();
    inputs(call, options.operands()).forEach(input -> lines.addAll(text(input).lines().toList()));
    for (String line : lines) {
      if (before != null && !line.equals(before)) {
        call.say(options.has("c") ? "%7d %s".formatted(times, before) : before);
        times = 0;
      }
      before = line;
      times++;
    }
    if (before != null) {
      call.say(options.has("c") ? "%7d %s".formatted(times, before) : before);
    }
    return 0;
  }

  private static int cut(Call call) throws IOException {
    Options options = new Options(call.arguments(), "dfc");
    String delimiter = options.has("c") ? "" : options.value("d").orElse("\t");
    String list = options.value("c").or(() -> options.value("f")).orElse("1-");
    for (byte[] input : inputs(call, options.operands())) {
      for (String line : text(input).lines().toList()) {
        if (!delimiter.isEmpty() && !line.contains(delimiter)) {
          call.say(line);
          continue;
        }
        String[] fields = line.split(delimiter.isEmpty() ? "" : Pattern.quote(delimiter), -1);
        List<String> chosen = new ArrayList<>();
        for (int i = 1; i <= fields.length; i++) {
          if (inRanges(i, list)) {
            chosen.add(fields[i - 1]);
          }
        }
        call.say(String.join(delimiter, chosen));
      }
    }
    return 0;
  }

  private static boolean inRanges(int index, String list) {
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", -1);
      long begin = ends[0].isEmpty() ? 1 : number(ends[0]);
      long end = ends.length == 1 ? begin : ends[1].isEmpty() ? Long.MAX_VALUE : number(ends[1]);
      if (index >= begin && index <= end) {
        return true;
      }
    }
    return false;
  }

  private static int translate(Call call) throws IOException {
    Options options = new Options(call.arguments(), "");
    List<String> sets = options.operands().stream().map(TextUtilities::characters).toList();
    String from = sets.isEmpty() ? "" : sets.get(0);
    String to = sets.size() > 1 ? sets.get(1) : "";
    StringBuilder result = new StringBuilder();
    for (char c : call.input().toCharArray()) {
      int index = from.indexOf(c);
      boolean squeezed =
          options.has("s")
              && index >= 0
              && result.length() > 0
              && result.charAt(result.length() - 1) == c;
      if (squeezed || (options.has("d") && index >= 0)) {
        continue;
      }
      result.append(index < 0 || to.isEmpty() ? c : to.charAt(Math.min(index, to.length() - 1)));
    }
    call.out().print(result);
    return 0;
  }

  private static String characters(String set) {
    StringBuilder result = new StringBuilder();
    String text =
        Escapes.apply(set.replace("[:upper:]", "A-Z").replace("[:lower:]", "a-z"))
            .replace("[:space:]", " \t\n");
    for (int i = 0; i < text.length(); i++) {
      if (i + 2 < text.length() && text.charAt(i + 1) == '-') {
        for (char c = text.charAt(i); c <= text.charAt(i + 2); c++) {
          result.append(c);
        }
        i += 2;
      } else {
        result.append(text.charAt(i));
      }
    }
    return result.toString();
  }

  private static int tee(Call call) throws IOException {
    Options options = new Options(call.arguments(), "");
    byte[] input = call.in().readAllBytes();
    for (String operand : options.operands()) {
      Files.write(
          call.file(operand),
          input,
          StandardOpenOption.CREATE,
          options.has("a") ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
    }
    call.out().write(input);
    return 0;
  }

  private static int sequence(Call call) {
    List<Long> numbers = call.arguments().stream().map(TextUtilities::number).toList();
    int count = numbers.size();
    long first = count > 1 ? numbers.get(0) : 1;
    long step = count > 2 ? numbers.get(1) : 1;
    long last = count > 0 ? numbers.get(count - 1) : 0;
    for (long i = first; step > 0 ? i <= last : step < 0 && i >= last; i += step) {
      call.say(Long.toString(i));
    }
    return 0;
  }
}
