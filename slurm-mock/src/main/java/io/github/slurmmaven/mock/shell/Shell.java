/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import io.github.slurmmaven.mock.shell.Interpreter.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Runs command lines as {@code bash -c} does. Its programs are Java objects, and its files are
 * below one directory. docs/mock.md lists the supported part of bash.
 */
public final class Shell {

  /** Called for every program that is run; may answer in its place. */
  public interface Observer {

    /** Runs the program, or does something else. */
    int run(Call call, Program program) throws IOException;

    /** Finds a program that is not built into the shell. */
    Optional<Program> find(String name);

    /** Called when a program does not exist. */
    void notFound(Call call);
  }

  private static final Pattern SHELL_SCRIPT =
      Pattern.compile("#! ?(/usr)?/bin/(env )?(ba|da)?sh.*");
  private static final Pattern SYSTEM_DIRECTORY = Pattern.compile("(/usr)?(/local)?/s?bin/[^/]+");

  private final RemoteFiles files;
  private final Map<String, Program> programs = new TreeMap<>();
  private final Observer observer;

  /**
   * Creates a shell.
   *
   * @param files its files
   * @param programs programs by name, in addition to the usual Unix utilities, which they can
   *     replace
   */
  public Shell(RemoteFiles files, Map<String, Program> programs, Observer observer) {
    this.files = files;
    this.observer = observer;
    FileUtilities.addTo(this.programs);
    TextUtilities.addTo(this.programs);
    SystemUtilities.addTo(this.programs);
    this.programs.put("bash", this::shell);
    this.programs.put("sh", this::shell);
    this.programs.put("env", this::environment);
    this.programs.put("nohup", this::prefixed);
    this.programs.put("command", this::command);
    this.programs.put("xargs", this::arguments);
    this.programs.put("which", call -> locate(call, false));
    this.programs.put("type", call -> locate(call, true));
    this.programs.putAll(programs);
  }

  RemoteFiles files() {
    return files;
  }

  /** Ends a command line whose client has gone. */
  void checkRunning() {
    if (Thread.currentThread().isInterrupted()) {
      throw new Interpreter.Exit(255);
    }
  }

  /**
   * Runs one command line.
   *
   * @param environment exported variables; {@code USER} is the user
   * @param directory absolute path of the working directory
   * @return the exit status; 2 when the line is not a shell command, and 127 when there is no such
   *     command
   */
  public int run(
      String commandLine,
      Map<String, String> environment,
      String directory,
      InputStream in,
      PrintStream out,
      PrintStream err) {
    return run(commandLine, environment, directory, "bash", List.of(), new Streams(in, out, err));
  }

  private int run(
      String text,
      Map<String, String> environment,
      String directory,
      String name,
      List<String> positional,
      Streams streams) {
    try {
      Node node = Parser.parse(text);
      return new Interpreter(this, environment, directory, name, positional, streams.err())
          .runAll(node, streams);
    } catch (ShellSyntaxException e) {
      String.valueOf(e.getMessage())
          .lines()
          .forEach(line -> streams.err().print("bash: -c: " + line + "\n"));
      return 2;
    }
  }

  /** Runs a program by its name or path; returns 127 when it does not exist. */
  public int execute(Call call) {
    try {
      Optional<Program> program = find(call);
      if (program.isEmpty()) {
        observer.notFound(call);
        return 127;
      }
      return observer.run(call, program.get()) & 0xff;
    } catch (IOException e) {
      call.complain(call.name() + ": " + Failures.words(e));
      return 1;
    } catch (Interpreter.Exit e) {
      return e.status();
    }
  }

  /** Runs a program, with bash's message when it does not exist. */
  int run(Call call, int line) {
    try {
      Optional<Program> program = find(call);
      if (program.isPresent()) {
        return observer.run(call, program.get()) & 0xff;
      }
      boolean path = call.name().contains("/");
      Path file = call.file(call.name());
      if (path && Files.exists(file)) {
        call.complain(
            "bash: line %d: %s: %s"
                .formatted(
                    line,
                    call.name(),
                    Files.isDirectory(file) ? "Is a directory" : "Permission denied"));
        return 126;
      }
      observer.notFound(call);
      call.complain(
          "bash: line %d: %s: %s"
              .formatted(
                  line, call.name(), path ? "No such file or directory" : "command not found"));
      return 127;
    } catch (IOException e) {
      call.complain(call.name() + ": " + Failures.words(e));
      return 1;
    } finally {
      call.out().flush();
      call.err().flush();
    }
  }

  private Optional<Program> find(Call call) {
    String name = call.name();
    Optional<Program> program =
        Optional.ofNullable(programs.get(name)).or(() -> observer.find(name));
    if (program.isPresent() || !name.contains("/")) {
      return program;
    }
    Path file = call.file(name);
    if (Files.isRegularFile(file) && Files.isExecutable(file)) {
      return Optional.of(this::script);
    }
    return SYSTEM_DIRECTORY.matcher(name).matches()
        ? Optional.ofNullable(programs.get(name.substring(name.lastIndexOf('/') + 1)))
        : Optional.empty();
  }

  /** A file with a shell's {@code #!} line. */
  private int script(Call call) throws IOException {
    String text = Files.readString(call.file(call.name()));
    String first = text.lines().findFirst().orElse("");
    if (first.startsWith("#!") && !SHELL_SCRIPT.matcher(first).matches()) {
      String interpreter = first.substring(2).strip().split("\\s+", -1)[0];
      observer.notFound(call.as(interpreter, call.arguments()));
      call.complain(
          "bash: line 1: %s: cannot execute: required file not found".formatted(call.name()));
      return 127;
    }
    return run(
        text, call.environment(), call.directory(), call.name(), call.arguments(), streams(call));
  }

  private static Streams streams(Call call) {
    return new Streams(call.in(), call.out(), call.err());
  }

  /** {@code bash -c text}, {@code bash file}, or {@code bash} with the script on its input. */
  private int shell(Call call) throws IOException {
    List<String> arguments = new ArrayList<>(call.arguments());
    boolean text = false;
    while (!arguments.isEmpty() && arguments.get(0).matches("-[a-z]+|--[a-z]+")) {
      String option = arguments.remove(0);
      text |= !option.startsWith("--") && option.contains("c");
    }
    if (text && !arguments.isEmpty()) {
      String line = arguments.remove(0);
      List<String> positional =
          arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
      String name = arguments.isEmpty() ? call.name() : arguments.get(0);
      return run(line, call.environment(), call.directory(), name, positional, streams(call));
    }
    if (arguments.isEmpty()) {
      return input(call);
    }
    String file = arguments.remove(0);
    try {
      String script = Files.readString(call.file(file));
      return run(script, call.environment(), call.directory(), file, arguments, streams(call));
    } catch (IOException e) {
      call.complain("%s: %s: %s".formatted(call.name(), file, Failures.words(e)));
      return 127;
    }
  }

  /** Runs the input command by command. A command can read the input after it. */
  private int input(Call call) throws IOException {
    Interpreter interpreter =
        new Interpreter(this, call.environment(), call.directory(), "bash", List.of(), call.err());
    int status = 0;
    int done = 0;
    String text = "";
    try {
      for (String line = line(call.in()); !line.isEmpty() || !text.isEmpty(); ) {
        boolean atEnd = line.isEmpty();
        text += line;
        // Empty lines replace what has been run, to keep the line numbers right.
        String numbered = "\n".repeat(done) + text;
        Node node = null;
        try {
          node = atEnd ? Parser.parse(numbered) : Parser.parseSoFar(numbered);
        } catch (ShellSyntaxException.Incomplete e) {
          if (atEnd) {
            throw e;
          }
        }
        if (node != null) {
          done += (int) text.chars().filter(each -> each == '\n').count();
          text = "";
          status = interpreter.runPart(node, streams(call));
          call.out().flush();
          call.err().flush();
        }
        line = atEnd ? "" : line(call.in());
      }
      return status;
    } catch (Interpreter.Exit e) {
      return e.status();
    } catch (ShellSyntaxException e) {
      String.valueOf(e.getMessage()).lines().forEach(each -> call.complain("bash: " + each));
      return 2;
    }
  }

  /** Returns a line with its end; empty at the end of the input. */
  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int next = in.read();
    while (next >= 0) {
      bytes.write(next);
      next = next == '\n' ? -1 : in.read();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private int environment(Call call) {
    Map<String, String> environment = new HashMap<>(call.environment());
    List<String> arguments = new ArrayList<>(call.arguments());
    while (!arguments.isEmpty() && arguments.get(0).contains("=")) {
      String[] pair = arguments.remove(0).split("=", 2);
      environment.put(pair[0], pair[1]);
    }
    if (arguments.isEmpty()) {
      new TreeMap<>(environment).forEach((name, value) -> call.say(name + "=" + value));
      return 0;
    }
    return run(
        new Call(
            arguments.get(0),
            arguments.subList(1, arguments.size()),
            environment,
            call.user(),
            call.directory(),
            files,
            call.in(),
            call.out(),
            call.err()),
        1);
  }

  private int prefixed(Call call) {
    if (call.arguments().isEmpty()) {
      call.complain(call.name() + ": missing operand");
      return 125;
    }
    return run(
        call.as(call.arguments().get(0), call.arguments().subList(1, call.arguments().size())), 1);
  }

  /** Runs {@code xargs command}: the words of the input become arguments. */
  private int arguments(Call call) throws IOException {
    List<String> command = new ArrayList<>(call.arguments());
    boolean notEmpty = command.remove("-r");
    List<String> words =
        call.input()
            .lines()
            .flatMap(line -> Pattern.compile("\\s+").splitAsStream(line.strip()))
            .filter(word -> !word.isEmpty())
            .toList();
    if (words.isEmpty() && notEmpty) {
      return 0;
    }
    if (command.isEmpty()) {
      command.add("echo");
    }
    command.addAll(words);
    return run(call.as(command.get(0), command.subList(1, command.size())), 1);
  }

  private int command(Call call) {
    return call.arguments().isEmpty() || call.arguments().get(0).equalsIgnoreCase("-v")
        ? locate(call, false)
        : prefixed(call);
  }

  private int locate(Call call, boolean words) {
    int status = 0;
    for (String name : call.arguments()) {
      if (name.startsWith("-")) {
        continue;
      }
      if (!programs.containsKey(name) && observer.find(name).isEmpty()) {
        if (words) {
          call.complain("bash: line 1: type: " + name + ": not found");
        }
        status = 1;
      } else {
        call.say(words ? name + " is /usr/bin/" + name : "/usr/bin/" + name);
      }
    }
    return status;
  }
}
