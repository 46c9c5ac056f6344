/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import io.github.slurmmaven.mock.shell.Node.Redirection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Runs parsed commands, with the state that a shell has. */
final class Interpreter implements Expander.State {

  /** The three standard streams. */
  record Streams(InputStream in, PrintStream out, PrintStream err) {}

  /** {@code exit}. */
  static final class Exit extends RuntimeException {

    private static final long serialVersionUID = 1;
    private final int status;

    Exit(int status) {
      super(null, null, false, false);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /** {@code break} or {@code continue}. */
  private static final class Jump extends RuntimeException {

    private static final long serialVersionUID = 1;
    private final boolean again;

    Jump(boolean again) {
      super(null, null, false, false);
      this.again = again;
    }
  }

  private final Shell shell;
  private final RemoteFiles files;
  private final Map<String, String> variables;
  private final Set<String> exported;
  private List<String> positional;
  private String directory;
  private boolean exitOnError;
  private boolean pipeFail;
  private int status;
  private int untested;

  /** What {@code $0} is. */
  private final String name;

  /** Where command substitutions complain. */
  private final PrintStream errors;

  Interpreter(
      Shell shell,
      Map<String, String> environment,
      String directory,
      String name,
      List<String> positional,
      PrintStream errors) {
    this.shell = shell;
    this.name = name;
    this.errors = errors;
    this.files = shell.files();
    this.variables = new HashMap<>(environment);
    this.exported = new HashSet<>(environment.keySet());
    this.positional = positional;
    this.directory = directory;
    this.variables.put("PWD", directory);
    this.exported.add("PWD");
  }

  private Interpreter(Interpreter parent) {
    shell = parent.shell;
    errors = parent.errors;
    name = parent.name;
    files = parent.files;
    variables = new HashMap<>(parent.variables);
    exported = new HashSet<>(parent.exported);
    positional = parent.positional;
    directory = parent.directory;
    exitOnError = parent.exitOnError;
    pipeFail = parent.pipeFail;
    status = parent.status;
    untested = parent.untested;
  }

  /** Runs to the end, or to an {@code exit}. */
  int runAll(Node node, Streams streams) throws ShellSyntaxException {
    try {
      return runPart(node, streams);
    } catch (Exit e) {
      return e.status;
    }
  }

  /**
   * Runs a part of a script.
   *
   * @throws Exit when the script has ended
   */
  int runPart(Node node, Streams streams) throws ShellSyntaxException {
    try {
      return run(node, streams);
    } catch (Jump e) {
      return 0;
    }
  }

  private int run(Node node, Streams streams) throws ShellSyntaxException {
    shell.checkRunning();
    if (node instanceof Node.Sequence sequence) {
      for (Node command : sequence.commands()) {
        run(command, streams);
      }
    } else if (node instanceof Node.AndOr andOr) {
      untested++;
      try {
        run(andOr.left(), streams);
      } finally {
        untested--;
      }
      if ((status == 0) == andOr.and()) {
        run(andOr.right(), streams);
      }
    } else if (node instanceof Node.Pipeline pipeline) {
      status = pipeline(pipeline, streams);
      exitOnError();
    } else if (node instanceof Node.Simple simple) {
      status = simple(simple, streams);
      exitOnError();
    } else if (node instanceof Node.Redirected redirected) {
      status = redirected(redirected, streams);
      exitOnError();
    } else if (node instanceof Node.Subshell subshell) {
      status = new Interpreter(this).runAll(subshell.body(), streams);
      exitOnError();
    } else if (node instanceof Node.Background background) {
      status = 0;
      new Interpreter(this).runAll(background.command(), streams);
    } else if (node instanceof Node.If branch) {
      if (test(branch.condition(), streams) == 0) {
        run(branch.then(), streams);
      } else if (branch.otherwise().isPresent()) {
        run(branch.otherwise().get(), streams);
      } else {
        status = 0;
      }
    } else if (node instanceof Node.While loop) {
      int last = 0;
      while ((test(loop.condition(), streams) == 0) != loop.until()) {
        if (!body(loop.body(), streams)) {
          return status;
        }
        last = status;
      }
      status = last;
    } else if (node instanceof Node.For loop) {
      List<String> values =
          loop.positional() ? positional : new Expander(this, files, 1).fields(loop.words());
      status = 0;
      for (String value : values) {
        assign(loop.variable(), value);
        if (!body(loop.body(), streams)) {
          break;
        }
      }
    } else if (node instanceof Node.Case branches) {
      choose(branches, streams);
    }
    return status;
  }

  private void exitOnError() {
    if (exitOnError && status != 0 && untested == 0) {
      throw new Exit(status);
    }
  }

  private int test(Node condition, Streams streams) throws ShellSyntaxException {
    untested++;
    try {
      return run(condition, streams);
    } finally {
      untested--;
    }
  }

  /** Runs the body of a loop, and returns whether the loop continues. */
  private boolean body(Node body, Streams streams) throws ShellSyntaxException {
    try {
      run(body, streams);
      return true;
    } catch (Jump jump) {
      status = 0;
      return jump.again;
    }
  }

  private void choose(Node.Case branches, Streams streams) throws ShellSyntaxException {
    Expander expander = new Expander(this, files, 1);
    String word = expander.text(branches.word());
    status = 0;
    for (Node.Branch branch : branches.branches()) {
      for (String pattern : branch.patterns()) {
        if (expander.pattern(pattern).matcher(word).matches()) {
          run(branch.body(), streams);
          return;
        }
      }
    }
  }

  private int pipeline(Node.Pipeline pipeline, Streams streams) throws ShellSyntaxException {
    InputStream in = streams.in();
    int result = 0;
    int failed = 0;
    int count = pipeline.commands().size();
    for (int i = 0; i < count; i++) {
      boolean last = i == count - 1;
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      PrintStream out = last ? streams.out() : print(output);
      Streams own = new Streams(in, out, streams.err());
      Node command = pipeline.commands().get(i);
      if (count == 1) {
        result = test(command, own);
      } else {
        Interpreter child = new Interpreter(this);
        child.untested = 0;
        result = child.runAll(command, own);
      }
      failed = result == 0 ? failed : result;
      out.flush();
      in = new ByteArrayInputStream(output.toByteArray());
    }
    result = pipeFail ? failed : result;
    return pipeline.negated() ? (result == 0 ? 1 : 0) : result;
  }

  private static PrintStream print(OutputStream out) {
    return new PrintStream(out, false, StandardCharsets.UTF_8);
  }

  private int redirected(Node.Redirected node, Streams streams) throws ShellSyntaxException {
    try (Redirections redirections = new Redirections(streams)) {
      if (!redirections.open(node.redirections(), node.line())) {
        return 1;
      }
      return run(node.command(), redirections.streams);
    }
  }

  private int simple(Node.Simple node, Streams streams) throws ShellSyntaxException {
    Expander expander = new Expander(this, files, node.line());
    List<String> words = expander.fields(node.words());
    try (Redirections redirections = new Redirections(streams)) {
      if (!redirections.open(node.redirections(), node.line())) {
        return 1;
      }
      if (words.isEmpty()) {
        status = 0;
        for (Node.Assignment assignment : node.assignments()) {
          assign(assignment.name(), expander.text(assignment.word()));
        }
        return status;
      }
      Map<String, String> environment = new HashMap<>();
      exported.forEach(name -> environment.put(name, variables.getOrDefault(name, "")));
      for (Node.Assignment assignment : node.assignments()) {
        environment.put(assignment.name(), expander.text(assignment.word()));
      }
      return command(words, environment, redirections.streams, node.line());
    }
  }

  private int command(
      List<String> words, Map<String, String> environment, Streams streams, int line)
      throws ShellSyntaxException {
    String name = words.get(0);
    List<String> arguments = words.subList(1, words.size());
    return switch (name) {
      case ":" -> 0;
      case "exit" -> exit(arguments, streams, line);
      case "break", "continue" -> throw new Jump(name.equals("continue"));
      case "cd" -> changeDirectory(arguments, streams, line);
      case "export" -> export(arguments);
      case "unset" -> {
        arguments.forEach(variables::remove);
        arguments.forEach(exported::remove);
        yield 0;
      }
      case "set" -> set(arguments);
      case "shift" -> {
        positional = positional.isEmpty() ? positional : positional.subList(1, positional.size());
        yield 0;
      }
      case "read" -> read(arguments, streams.in());
      case "eval" -> run(Parser.parse(String.join(" ", arguments)), streams);
      case "exec" -> arguments.isEmpty() ? 0 : exit(command(arguments, environment, streams, line));
      case ".", "source" -> source(arguments, streams, line);
      default ->
          shell.run(
              new Call(
                  name,
                  arguments,
                  environment,
                  variables.getOrDefault("USER", ""),
                  directory,
                  files,
                  streams.in(),
                  streams.out(),
                  streams.err()),
              line);
    };
  }

  private int exit(List<String> arguments, Streams streams, int line) {
    if (arguments.isEmpty()) {
      return exit(status);
    }
    if (!arguments.get(0).matches("-?\\d{1,9}")) {
      streams
          .err()
          .print(
              "bash: line %d: exit: %s: numeric argument required\n"
                  .formatted(line, arguments.get(0)));
      return exit(2);
    }
    return exit(Integer.parseInt(arguments.get(0)) & 0xff);
  }

  private static int exit(int status) {
    throw new Exit(status);
  }

  private int source(List<String> arguments, Streams streams, int line)
      throws ShellSyntaxException {
    if (arguments.isEmpty()) {
      streams.err().print("bash: line " + line + ": .: filename argument required\n");
      return 2;
    }
    try {
      return run(Parser.parse(Files.readString(files.real(directory, arguments.get(0)))), streams);
    } catch (IOException e) {
      streams
          .err()
          .print("bash: line %d: %s: %s\n".formatted(line, arguments.get(0), Failures.words(e)));
      return 1;
    }
  }

  private int changeDirectory(List<String> arguments, Streams streams, int line) {
    List<String> names =
        arguments.stream().filter(each -> each.equals("-") || !each.startsWith("-")).toList();
    String target = names.isEmpty() ? variables.getOrDefault("HOME", "/") : names.get(0);
    if (target.equals("-")) {
      target = variables.getOrDefault("OLDPWD", directory);
      streams.out().print(target + "\n");
    }
    Path real = files.real(directory, target);
    if (!Files.isDirectory(real)) {
      streams
          .err()
          .print(
              "bash: line %d: cd: %s: %s\n"
                  .formatted(
                      line,
                      target,
                      Files.exists(real) ? "Not a directory" : "No such file or directory"));
      return 1;
    }
    variables.put("OLDPWD", directory);
    directory = RemoteFiles.absolute(directory, target);
    variables.put("PWD", directory);
    return 0;
  }

  private int export(List<String> arguments) {
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (equals >= 0) {
        variables.put(name, argument.substring(equals + 1));
      }
      exported.add(name);
    }
    return 0;
  }

  private int set(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      boolean on = argument.startsWith("-");
      if (argument.equals("--")) {
        positional = List.copyOf(arguments.subList(i + 1, arguments.size()));
        return 0;
      }
      if (argument.contains("e") && !argument.contains("pipe")) {
        exitOnError = on;
      }
      if (argument.endsWith("o") && i + 1 < arguments.size()) {
        i++;
        pipeFail = arguments.get(i).equals("pipefail") ? on : pipeFail;
        exitOnError = arguments.get(i).equals("errexit") ? on : exitOnError;
      }
    }
    return 0;
  }

  private int read(List<String> arguments, InputStream in) {
    List<String> names = arguments.stream().filter(each -> !each.startsWith("-")).toList();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int next = -1;
    try {
      while ((next = in.read()) >= 0 && next != '\n') {
        bytes.write(next);
      }
    } catch (IOException e) {
      return 1;
    }
    String rest = bytes.toString(StandardCharsets.UTF_8).strip();
    if (names.isEmpty()) {
      assign("REPLY", rest);
    }
    for (int i = 0; i < names.size(); i++) {
      String[] parts = i == names.size() - 1 ? new String[] {rest} : rest.split("\\s+", 2);
      assign(names.get(i), parts[0]);
      rest = parts.length > 1 ? parts[1] : "";
    }
    return next < 0 && bytes.size() == 0 ? 1 : 0;
  }

  @Override
  public @Nullable String variable(String name) {
    return switch (name) {
      case "?" -> Integer.toString(status);
      case "$" -> Long.toString(ProcessHandle.current().pid());
      case "0" -> this.name;
      case "!", "-" -> "";
      default -> variables.get(name);
    };
  }

  @Override
  public void assign(String name, String value) {
    variables.put(name, value);
  }

  @Override
  public List<String> positional() {
    return positional;
  }

  @Override
  public String directory() {
    return directory;
  }

  @Override
  public String output(String command) throws ShellSyntaxException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = print(bytes);
    Streams streams = new Streams(InputStream.nullInputStream(), out, errors);
    status = new Interpreter(this).runAll(Parser.parse(command), streams);
    out.flush();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Streams with some of them sent elsewhere, until it is closed. */
  private final class Redirections implements AutoCloseable {

    private final List<OutputStream> opened = new ArrayList<>();
    private Streams streams;

    Redirections(Streams streams) {
      this.streams = streams;
    }

    boolean open(List<Redirection> redirections, int line) throws ShellSyntaxException {
      for (Redirection redirection : redirections) {
        Expander expander = new Expander(Interpreter.this, files, line);
        String operator = redirection.operator();
        String word =
            operator.equals("<<")
                ? redirection.literal() ? redirection.word() : expander.document(redirection.word())
                : expander.text(redirection.word());
        try {
          open(redirection, operator, word);
        } catch (IOException e) {
          streams.err().print("bash: line %d: %s: %s\n".formatted(line, word, Failures.words(e)));
          return false;
        }
      }
      return true;
    }

    private void open(Redirection redirection, String operator, String word) throws IOException {
      switch (operator) {
        case "<" -> in(word.equals("/dev/null") ? new byte[0] : Files.readAllBytes(file(word)));
        case "<<" -> in(word.getBytes(StandardCharsets.UTF_8));
        case "<<<" -> in((word + "\n").getBytes(StandardCharsets.UTF_8));
        case ">&", "<&" -> duplicate(redirection.descriptor(), word);
        case "&>", "&>>" -> {
          PrintStream out = file(word, operator.equals("&>>"));
          streams = new Streams(streams.in(), out, out);
        }
        default -> to(redirection.descriptor(), file(word, operator.equals(">>")));
      }
    }

    private void in(byte[] bytes) {
      streams = new Streams(new ByteArrayInputStream(bytes), streams.out(), streams.err());
    }

    private void to(int descriptor, PrintStream out) {
      streams =
          descriptor == 2
              ? new Streams(streams.in(), streams.out(), out)
              : new Streams(streams.in(), out, streams.err());
    }

    private void duplicate(int descriptor, String word) throws IOException {
      switch (word) {
        case "1" -> to(descriptor, streams.out());
        case "2" -> to(descriptor, streams.err());
        case "0" -> {}
        case "-" -> to(descriptor, print(OutputStream.nullOutputStream()));
        default -> {
          PrintStream out = file(word, false);
          streams = new Streams(streams.in(), out, out);
        }
      }
    }

    private Path file(String word) {
      return files.real(directory, word);
    }

    private PrintStream file(String word, boolean append) throws IOException {
      OutputStream out =
          word.equals("/dev/null")
              ? OutputStream.nullOutputStream()
              : Files.newOutputStream(
                  file(word),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
      opened.add(out);
      PrintStream print = print(out);
      opened.add(0, print);
      return print;
    }

    @Override
    public void close() {
      for (OutputStream out : opened) {
        try {
          out.close();
        } catch (IOException e) {
          streams.err().print("bash: write error: " + Failures.words(e) + "\n");
        }
      }
    }
  }
}
