/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The utilities that work on files. */
final class FileUtilities {

  private static final DateTimeFormatter LISTED =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm", Locale.ENGLISH).withZone(ZoneId.systemDefault());

  private static final Pattern OCTAL = Pattern.compile("[0-7]{3,4}");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG]?)");
  private static final Pattern DIRECTIVE = Pattern.compile("%([A-Za-z%])");

  private FileUtilities() {}

  static void addTo(Map<String, Program> programs) {
    programs.put("ls", FileUtilities::list);
    programs.put("mkdir", FileUtilities::makeDirectories);
    programs.put("rmdir", FileUtilities::removeDirectories);
    programs.put("rm", FileUtilities::remove);
    programs.put("mv", FileUtilities::move);
    programs.put("cp", FileUtilities::copy);
    programs.put("touch", FileUtilities::touch);
    programs.put("chmod", FileUtilities::changeMode);
    programs.put("realpath", FileUtilities::path);
    programs.put("readlink", FileUtilities::path);
    programs.put("basename", FileUtilities::baseName);
    programs.put("dirname", FileUtilities::directoryName);
    programs.put("pwd", FileUtilities::printDirectory);
    programs.put("find", FileUtilities::find);
    programs.put("mktemp", FileUtilities::makeTemporary);
    programs.put("stat", FileUtilities::status);
    programs.put("unlink", FileUtilities::unlink);
    programs.put("truncate", FileUtilities::truncate);
    programs.put("dd", FileUtilities::copyBlocks);
  }

  /** Runs an action for each operand; a failure is printed, and the next operand follows. */
  private static int each(
      Call call, List<String> operands, String failure, ThrowingConsumer action) {
    if (operands.isEmpty()) {
      call.complain(call.name() + ": missing operand");
      call.complain("Try '%s --help' for more information.".formatted(call.name()));
      return 1;
    }
    int status = 0;
    for (String operand : operands) {
      try {
        action.accept(operand, call.file(operand));
      } catch (IOException e) {
        call.complain(
            "%s: %s: %s".formatted(call.name(), failure.formatted(operand), Failures.words(e)));
        status = 1;
      }
    }
    return status;
  }

  @FunctionalInterface
  private interface ThrowingConsumer {
    void accept(String operand, Path file) throws IOException;
  }

  private static int printDirectory(Call call) {
    call.say(call.directory());
    return 0;
  }

  private static int list(Call call) throws IOException {
    Options options = new Options(call.arguments(), "");
    List<String> operands = options.operands().isEmpty() ? List.of(".") : options.operands();
    List<String> directories = new ArrayList<>();
    int status = 0;
    for (String operand : operands) {
      Path file = call.file(operand);
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        call.complain("ls: cannot access '%s': No such file or directory".formatted(operand));
        status = 2;
      } else if (Files.isDirectory(file) && !options.has("d")) {
        directories.add(operand);
      } else {
        show(call, options, operand, file);
      }
    }
    for (String directory : directories) {
      if (operands.size() > 1) {
        call.say(directory + ":");
      }
      try (Stream<Path> entries = Files.list(call.file(directory))) {
        for (Path entry : entries.sorted().toList()) {
          String name = String.valueOf(entry.getFileName());
          if (options.has("a") || options.has("A") || !name.startsWith(".")) {
            show(call, options, name, entry);
          }
        }
      }
    }
    return status;
  }

  private static void show(Call call, Options options, String name, Path file) throws IOException {
    if (!options.has("l")) {
      call.say(name);
      return;
    }
    call.say(
        "%s%s 1 %s %s %d %s %s"
            .formatted(
                Files.isDirectory(file) ? "d" : "-",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                call.user(),
                call.user(),
                Files.size(file),
                LISTED.format(Files.getLastModifiedTime(file).toInstant()),
                name));
  }

  private static int makeDirectories(Call call) {
    Options options = new Options(call.arguments(), "m");
    return each(
        call,
        options.operands(),
        "cannot create directory ‘%s’",
        (operand, file) -> {
          if (options.has("p") || options.has("parents")) {
            Files.createDirectories(file);
          } else {
            Files.createDirectory(file);
          }
          String mode = options.value("m").or(() -> options.value("mode")).orElse("");
          if (OCTAL.matcher(mode).matches()) {
            Files.setPosixFilePermissions(file, octal(mode));
          }
        });
  }

  private static int removeDirectories(Call call) {
    return each(
        call,
        new Options(call.arguments(), "").operands(),
        "failed to remove '%s'",
        (operand, file) -> {
          if (!Files.isDirectory(file) && Files.exists(file)) {
            throw new FileSystemException(operand, null, "Not a directory");
          }
          Files.delete(file);
        });
  }

  private static int remove(Call call) {
    Options options = new Options(call.arguments(), "");
    boolean force = options.has("f") || options.has("force");
    boolean recursive = options.has("r") || options.has("R") || options.has("recursive");
    if (force && options.operands().isEmpty()) {
      return 0;
    }
    return each(
        call,
        options.operands(),
        "cannot remove '%s'",
        (operand, file) -> {
          if (force && !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
          }
          if (file.equals(call.files().root())) {
            throw new FileSystemException(operand, null, "Operation not permitted");
          }
          if (!recursive && Files.isDirectory(file)) {
            throw new FileSystemException(operand, null, "Is a directory");
          }
          delete(file);
        });
  }

  private static void delete(Path file) throws IOException {
    try (Stream<Path> below = Files.walk(file)) {
      for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static int move(Call call) throws IOException {
    return transfer(
        call, (from, to) -> Files.move(from, to, StandardCopyOption.REPLACE_EXISTING), true);
  }

  private static int copy(Call call) throws IOException {
    Options options = new Options(call.arguments(), "");
    boolean recursive = options.has("r") || options.has("R") || options.has("a");
    return transfer(call, FileUtilities::copyTree, recursive);
  }

  @FunctionalInterface
  private interface Transfer {
    void accept(Path from, Path to) throws IOException;
  }

  private static int transfer(Call call, Transfer transfer, boolean directories)
      throws IOException {
    List<String> operands = new Options(call.arguments(), "").operands();
    if (operands.size() < 2) {
      call.complain(
          operands.isEmpty()
              ? call.name() + ": missing file operand"
              : "%s: missing destination file operand after '%s'"
                  .formatted(call.name(), operands.get(0)));
      call.complain("Try '%s --help' for more information.".formatted(call.name()));
      return 1;
    }
    Path target = call.file(operands.get(operands.size() - 1));
    int status = 0;
    for (String operand : operands.subList(0, operands.size() - 1)) {
      Path from = call.file(operand);
      if (!Files.exists(from)) {
        call.complain(
            "%s: cannot stat '%s': No such file or directory".formatted(call.name(), operand));
        status = 1;
      } else if (Files.isDirectory(from) && !directories) {
        call.complain("cp: -r not specified; omitting directory '%s'".formatted(operand));
        status = 1;
      } else {
        transfer.accept(
            from, Files.isDirectory(target) ? target.resolve(from.getFileName()) : target);
      }
    }
    return status;
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> below = Files.walk(from)) {
      for (Path each : below.toList()) {
        Path target = to.resolve(from.relativize(each).toString());
        if (!Files.isDirectory(each)) {
          Files.copy(
              each,
              target,
              StandardCopyOption.REPLACE_EXISTING,
              StandardCopyOption.COPY_ATTRIBUTES);
        } else if (!Files.isDirectory(target)) {
          Files.createDirectory(target);
        }
      }
    }
  }

  private static int touch(Call call) {
    return each(
        call,
        new Options(call.arguments(), "dtr").operands(),
        "cannot touch '%s'",
        (operand, file) -> {
          if (Files.exists(file)) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
          } else {
            Files.createFile(file);
          }
        });
  }

  private static int changeMode(Call call) {
    Options options = new Options(call.arguments(), "");
    List<String> operands = new ArrayList<>(options.operands());
    String mode = operands.isEmpty() ? "" : operands.remove(0);
    boolean octal = OCTAL.matcher(mode).matches();
    if (!octal && !mode.matches("[ugoa]*[+-][rwx]+")) {
      call.complain("chmod: invalid mode: ‘%s’".formatted(mode));
      return 1;
    }
    return each(
        call,
        operands,
        "cannot access '%s'",
        (operand, file) -> {
          Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
          Files.setPosixFilePermissions(file, octal ? octal(mode) : symbolic(mode, permissions));
        });
  }

  private static Set<PosixFilePermission> octal(String mode) {
    StringBuilder text = new StringBuilder();
    for (char digit : mode.substring(mode.length() - 3).toCharArray()) {
      int bits = digit - '0';
      text.append((bits & 4) != 0 ? 'r' : '-');
      text.append((bits & 2) != 0 ? 'w' : '-');
      text.append((bits & 1) != 0 ? 'x' : '-');
    }
    return PosixFilePermissions.fromString(text.toString());
  }

  private static Set<PosixFilePermission> symbolic(String mode, Set<PosixFilePermission> old) {
    int sign = Math.max(mode.indexOf('+'), mode.indexOf('-'));
    String who = sign == 0 || mode.startsWith("a") ? "ugo" : mode.substring(0, sign);
    Set<PosixFilePermission> changed = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission each : PosixFilePermission.values()) {
      String name = each.name();
      String owner = name.startsWith("OWNER") ? "u" : name.startsWith("GROUP") ? "g" : "o";
      String what = name.endsWith("READ") ? "r" : name.endsWith("WRITE") ? "w" : "x";
      if (who.contains(owner) && mode.indexOf(what, sign) > 0) {
        changed.add(each);
      }
    }
    Set<PosixFilePermission> result = EnumSet.copyOf(old);
    if (mode.charAt(sign) == '+') {
      result.addAll(changed);
    } else {
      result.removeAll(changed);
    }
    return result;
  }

  private static int path(Call call) {
    for (String operand : new Options(call.arguments(), "").operands()) {
      call.say(RemoteFiles.absolute(call.directory(), operand));
    }
    return 0;
  }

  private static int baseName(Call call) {
    List<String> operands = new Options(call.arguments(), "").operands();
    for (String operand : operands.isEmpty() ? operands : operands.subList(0, 1)) {
      String name = operand.replaceAll("(?<=.)/+$", "");
      name = name.substring(name.lastIndexOf('/') + 1);
      String suffix = operands.size() > 1 ? operands.get(1) : "";
      call.say(
          name.endsWith(suffix) && !name.equals(suffix)
              ? name.substring(0, name.length() - suffix.length())
              : name);
    }
    return 0;
  }

  private static int directoryName(Call call) {
    for (String operand : new Options(call.arguments(), "").operands()) {
      String path = operand.replaceAll("(?<=.)/+$", "");
      int slash = path.lastIndexOf('/');
      call.say(slash < 0 ? "." : slash == 0 ? "/" : path.substring(0, slash));
    }
    return 0;
  }

  /** {@code find path… [-name pattern] [-type f|d] [-maxdepth n]}. */
  private static int find(Call call) throws IOException {
    List<String> paths = new ArrayList<>();
    String name = "*";
    String type = "";
    int depth = Integer.MAX_VALUE;
    for (int i = 0; i < call.arguments().size(); i++) {
      String argument = call.arguments().get(i);
      if (!argument.startsWith("-")) {
        paths.add(argument);
      } else if (List.of("-name", "-type", "-maxdepth").contains(argument)
          && i + 1 < call.arguments().size()) {
        String value = call.arguments().get(++i);
        name = argument.equals("-name") ? value : name;
        type = argument.equals("-type") ? value : type;
        depth = argument.equals("-maxdepth") ? Integer.parseInt(value) : depth;
      } else {
        if (!argument.equals("-print")) {
          call.complain("find: unknown predicate `" + argument + "'");
          return 1;
        }
      }
    }
    int status = 0;
    String regex = Glob.regex(name);
    for (String path : paths.isEmpty() ? List.of(".") : paths) {
      Path base = call.file(path);
      if (!Files.exists(base)) {
        call.complain("find: ‘%s’: No such file or directory".formatted(path));
        status = 1;
        continue;
      }
      try (Stream<Path> below = Files.walk(base, depth)) {
        for (Path each : below.sorted().toList()) {
          boolean matches =
              String.valueOf(each.getFileName()).matches(regex)
                  && (type.isEmpty() || type.equals(Files.isDirectory(each) ? "d" : "f"));
          if (matches) {
            String below1 = base.relativize(each).toString();
            call.say(below1.isEmpty() ? path : path.replaceAll("/$", "") + "/" + below1);
          }
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    return status;
  }

  private static int makeTemporary(Call call) throws IOException {
    Options options = new Options(call.arguments(), "p");
    Path directory = call.file("/tmp");
    Path made =
        options.has("d")
            ? Files.createTempDirectory(directory, "tmp.")
            : Files.createTempFile(directory, "tmp.", "");
    call.say("/tmp/" + made.getFileName());
    return 0;
  }

  /** {@code stat -c format file…} with %s, %n, %a, %Y and %F. */
  private static int status(Call call) {
    Options options = new Options(call.arguments(), "c", "format", "printf");
    Optional<String> raw = options.value("printf").map(Escapes::apply);
    String format =
        raw.or(() -> options.value("c")).or(() -> options.value("format")).orElse("%n %s");
    return each(
        call,
        options.operands(),
        "cannot statx '%s'",
        (operand, file) -> {
          PosixFileAttributes all =
              Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
          StringBuilder line = new StringBuilder();
          Matcher directive = DIRECTIVE.matcher(format);
          while (directive.find()) {
            String value = attribute(directive.group(1), operand, file, all, call.user());
            directive.appendReplacement(line, Matcher.quoteReplacement(value));
          }
          directive.appendTail(line);
          call.out().print(raw.isPresent() ? line : line + "\n");
        });
  }

  /** Returns the value of a format letter of stat(1). */
  private static String attribute(
      String letter, String operand, Path file, PosixFileAttributes all, String user)
      throws IOException {
    return switch (letter) {
      case "%" -> "%";
      case "n" -> operand;
      case "s" -> Long.toString(all.size());
      case "a" -> Integer.toOctalString((int) unix(file, "mode") & 07777);
      case "f" -> Integer.toHexString((int) unix(file, "mode"));
      case "A" ->
          (all.isDirectory() ? "d" : all.isSymbolicLink() ? "l" : "-")
              + PosixFilePermissions.toString(all.permissions());
      case "F" -> kind(all);
      case "i" -> unix(file, "ino").toString();
      case "h" -> unix(file, "nlink").toString();
      case "U", "G" -> user;
      case "u", "g" -> "1000";
      case "X" -> seconds(all.lastAccessTime());
      case "Y" -> seconds(all.lastModifiedTime());
      case "Z" -> seconds((FileTime) unix(file, "ctime"));
      case "W" -> seconds(all.creationTime());
      default -> "?";
    };
  }

  private static String kind(PosixFileAttributes all) {
    if (all.isDirectory()) {
      return "directory";
    }
    if (all.isSymbolicLink()) {
      return "symbolic link";
    }
    return all.size() == 0 ? "regular empty file" : "regular file";
  }

  private static Object unix(Path file, String name) throws IOException {
    return Objects.requireNonNull(
        Files.getAttribute(file, "unix:" + name, LinkOption.NOFOLLOW_LINKS));
  }

  private static String seconds(FileTime time) {
    return Long.toString(time.toInstant().getEpochSecond());
  }

  private static int unlink(Call call) {
    return each(
        call,
        new Options(call.arguments(), "").operands(),
        "cannot unlink '%s'",
        (operand, file) -> {
          if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(operand, null, "Is a directory");
          }
          Files.delete(file);
        });
  }

  /** A number with K, M or G behind it, if need be; empty for anything else. */
  private static OptionalLong bytes(String text) {
    Matcher size = SIZE.matcher(text);
    return size.matches()
        ? OptionalLong.of(Long.parseLong(size.group(1)) << (10 * " KMG".indexOf(size.group(2))))
        : OptionalLong.empty();
  }

  private static long number(Map<String, String> operands, String name, String otherwise) {
    return bytes(operands.getOrDefault(name, otherwise)).orElseThrow();
  }

  /** {@code truncate -s SIZE file…}. */
  private static int truncate(Call call) {
    Options options = new Options(call.arguments(), "s", "size");
    String wanted = options.value("s").or(() -> options.value("size")).orElse("");
    OptionalLong size = bytes(wanted);
    if (size.isEmpty()) {
      call.complain("truncate: Invalid number: ‘%s’".formatted(wanted));
      return 1;
    }
    return each(
        call,
        options.operands(),
        "cannot open '%s' for writing",
        (operand, file) -> {
          try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(size.getAsLong());
          }
        });
  }

  /**
   * {@code dd [if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=notrunc] [status=none]}.
   */
  private static int copyBlocks(Call call) throws IOException {
    Map<String, String> operands = new HashMap<>();
    for (String argument : call.arguments()) {
      String[] pair = argument.split("=", 2);
      if (pair.length < 2
          || !List.of("if", "of", "bs", "count", "skip", "seek", "conv", "status")
              .contains(pair[0])) {
        call.complain("dd: unrecognized operand ‘%s’".formatted(argument));
        call.complain("Try 'dd --help' for more information.");
        return 1;
      }
      if (List.of("bs", "count", "skip", "seek").contains(pair[0]) && bytes(pair[1]).isEmpty()) {
        call.complain("dd: invalid number: ‘%s’".formatted(pair[1]));
        return 1;
      }
      operands.put(pair[0], pair[1]);
    }
    long block = number(operands, "bs", "512");
    byte[] data;
    String from = operands.get("if");
    try (InputStream in = from == null ? call.in() : Files.newInputStream(call.file(from))) {
      in.readNBytes((int) (block * number(operands, "skip", "0")));
      data =
          operands.containsKey("count")
              ? in.readNBytes((int) (block * number(operands, "count", "0")))
              : in.readAllBytes();
    } catch (IOException e) {
      call.complain("dd: failed to open '%s': %s".formatted(from, Failures.words(e)));
      return 1;
    }
    String to = operands.get("of");
    if (to == null) {
      call.out().write(data);
      call.out().flush();
    } else {
      try (RandomAccessFile out = new RandomAccessFile(call.file(to).toFile(), "rw")) {
        long at = block * number(operands, "seek", "0");
        if (!operands.getOrDefault("conv", "").contains("notrunc")) {
          out.setLength(at);
        }
        out.seek(at);
        out.write(data);
      } catch (IOException e) {
        call.complain("dd: failed to open '%s': %s".formatted(to, Failures.words(e)));
        return 1;
      }
    }
    if (!"none".equals(operands.get("status"))) {
      long whole = data.length / block;
      call.complain("%d+%d records in".formatted(whole, data.length % block == 0 ? 0 : 1));
      call.complain("%d+%d records out".formatted(whole, data.length % block == 0 ? 0 : 1));
      call.complain("%d bytes copied".formatted(data.length));
    }
    return 0;
  }
}
