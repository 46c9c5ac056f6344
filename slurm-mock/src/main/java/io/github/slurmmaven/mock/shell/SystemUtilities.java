/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The utilities that print user, host and directory, and {@code test}. */
final class SystemUtilities {

  private SystemUtilities() {}

  static void addTo(Map<String, Program> programs) {
    programs.put("true", call -> 0);
    programs.put("false", call -> 1);
    programs.put("test", call -> truth(call, call.arguments()));
    programs.put("[", SystemUtilities::bracket);
    programs.put("[[", SystemUtilities::bracket);
    programs.put("whoami", call -> print(call, call.user()));
    programs.put("groups", call -> print(call, call.user()));
    programs.put("id", SystemUtilities::identity);
    programs.put("uname", call -> print(call, "Linux"));
    programs.put("umask", call -> print(call, "0022"));
    programs.put("ulimit", call -> print(call, "unlimited"));
    programs.put("wait", call -> 0);
    programs.put("trap", call -> 0);
    programs.put("sync", call -> 0);
  }

  private static int print(Call call, String line) {
    call.say(line);
    return 0;
  }

  private static int identity(Call call) {
    String arguments = String.join(" ", call.arguments());
    String user = call.user();
    return print(
        call,
        switch (arguments) {
          case "-un", "-u -n", "-gn", "-g -n", "-nu" -> user;
          case "-u", "-g" -> "1000";
          default -> "uid=1000(%s) gid=1000(%s) groups=1000(%s)".formatted(user, user, user);
        });
  }

  private static int bracket(Call call) {
    List<String> arguments = call.arguments();
    String close = call.name().equals("[") ? "]" : "]]";
    if (arguments.isEmpty() || !arguments.get(arguments.size() - 1).equals(close)) {
      call.complain("bash: line 1: %s: missing `%s'".formatted(call.name(), close));
      return 2;
    }
    return truth(call, arguments.subList(0, arguments.size() - 1));
  }

  private static int truth(Call call, List<String> arguments) {
    try {
      return or(call, arguments) ? 0 : 1;
    } catch (IllegalArgumentException e) {
      call.complain("bash: line 1: %s: %s".formatted(call.name(), e.getMessage()));
      return 2;
    }
  }

  private static boolean or(Call call, List<String> words) {
    return parts(words, "-o", "||").stream().anyMatch(part -> and(call, part));
  }

  private static boolean and(Call call, List<String> words) {
    return parts(words, "-a", "&&").stream().allMatch(part -> primary(call, part));
  }

  private static List<List<String>> parts(List<String> words, String letter, String sign) {
    List<List<String>> parts = new ArrayList<>(List.of(new ArrayList<>()));
    for (String word : words) {
      List<String> last = parts.get(parts.size() - 1);
      if ((word.equals(letter) || word.equals(sign)) && last.size() > 1) {
        parts.add(new ArrayList<>());
      } else {
        last.add(word);
      }
    }
    return parts;
  }

  private static boolean primary(Call call, List<String> words) {
    if (!words.isEmpty() && words.get(0).equals("!")) {
      return !primary(call, words.subList(1, words.size()));
    }
    return switch (words.size()) {
      case 0 -> false;
      case 1 -> !words.get(0).isEmpty();
      case 2 -> unary(call, words.get(0), words.get(1));
      case 3 -> binary(words.get(0), words.get(1), words.get(2));
      default -> throw new IllegalArgumentException("too many arguments");
    };
  }

  private static boolean unary(Call call, String operator, String operand) {
    Path file = call.file(operand);
    return switch (operator) {
      case "-n" -> !operand.isEmpty();
      case "-z" -> operand.isEmpty();
      case "-e" -> Files.exists(file);
      case "-f" -> Files.isRegularFile(file);
      case "-d" -> Files.isDirectory(file);
      case "-s" -> file.toFile().length() > 0;
      case "-r" -> Files.isReadable(file);
      case "-w" -> Files.isWritable(file);
      case "-x" -> Files.isExecutable(file);
      case "-L", "-h" -> Files.isSymbolicLink(file);
      case "-t" -> false;
      default -> throw new IllegalArgumentException(operator + ": unary operator expected");
    };
  }

  private static boolean binary(String left, String operator, String right) {
    return switch (operator) {
      case "=", "==" -> left.equals(right);
      case "!=" -> !left.equals(right);
      case "-eq" -> number(left) == number(right);
      case "-ne" -> number(left) != number(right);
      case "-lt" -> number(left) < number(right);
      case "-le" -> number(left) <= number(right);
      case "-gt" -> number(left) > number(right);
      case "-ge" -> number(left) >= number(right);
      default -> throw new IllegalArgumentException(operator + ": binary operator expected");
    };
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + ": integer expression expected", e);
    }
  }
}
