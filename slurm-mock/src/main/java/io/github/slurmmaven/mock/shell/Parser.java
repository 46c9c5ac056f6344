/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import io.github.slurmmaven.mock.shell.Lexer.HereDocument;
import io.github.slurmmaven.mock.shell.Lexer.Kind;
import io.github.slurmmaven.mock.shell.Lexer.Token;
import io.github.slurmmaven.mock.shell.Node.Assignment;
import io.github.slurmmaven.mock.shell.Node.Branch;
import io.github.slurmmaven.mock.shell.Node.Redirection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the shell's grammar; see "Shell Grammar" in POSIX. */
final class Parser {

  private static final Pattern ASSIGNMENT =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=(.*)", Pattern.DOTALL);
  private static final Set<String> CLOSING =
      Set.of("then", "else", "elif", "fi", "do", "done", "esac", "}");

  /** A here-document, whose text follows the end of its line. */
  private record Here(List<Redirection> target, int index, HereDocument document) {}

  private final Lexer lexer;
  private final List<Here> hereDocuments = new ArrayList<>();
  private Token token;

  private Parser(String text) throws ShellSyntaxException {
    lexer = new Lexer(text);
    token = lexer.next();
  }

  static Node parse(String text) throws ShellSyntaxException {
    return new Parser(text).script();
  }

  /**
   * Parses the part of a script that was read so far.
   *
   * @throws ShellSyntaxException.Incomplete when the last command needs more lines
   */
  static Node parseSoFar(String text) throws ShellSyntaxException {
    Parser parser = new Parser(text);
    Node node = parser.script();
    if (parser.lexer.hasOpenDocument() || text.endsWith("\\\n")) {
      throw new ShellSyntaxException.Incomplete("unexpected end of file");
    }
    return node;
  }

  private Node script() throws ShellSyntaxException {
    Node node = sequence();
    if (token.kind() != Kind.END) {
      throw unexpected();
    }
    return node;
  }

  private void advance() throws ShellSyntaxException {
    token = lexer.next();
    if (token.kind() == Kind.NEWLINE || token.kind() == Kind.END) {
      for (Here here : hereDocuments) {
        Redirection old = here.target.get(here.index);
        here.target.set(
            here.index,
            new Redirection(old.descriptor(), old.operator(), here.document.text(), old.literal()));
      }
      hereDocuments.clear();
    }
  }

  private ShellSyntaxException unexpected() {
    if (token.kind() == Kind.END) {
      return new ShellSyntaxException.Incomplete(
          "line %d: syntax error: unexpected end of file".formatted(lexer.line() + 1));
    }
    return new ShellSyntaxException(
        "line %d: syntax error near unexpected token `%s'\nline %d: `%s'"
            .formatted(token.line(), token.text(), token.line(), lexer.line(token.line())));
  }

  private void expect(String word) throws ShellSyntaxException {
    if (!token.isWord(word) && !token.is(word)) {
      throw unexpected();
    }
    advance();
  }

  private void skipNewlines() throws ShellSyntaxException {
    while (token.kind() == Kind.NEWLINE) {
      advance();
    }
  }

  private boolean ends() {
    return token.kind() == Kind.END
        || token.is(")")
        || token.is(";;")
        || (token.kind() == Kind.WORD && CLOSING.contains(token.text()));
  }

  private Node body() throws ShellSyntaxException {
    Node body = sequence();
    if (body instanceof Node.Sequence sequence && sequence.commands().isEmpty()) {
      throw unexpected();
    }
    return body;
  }

  private Node sequence() throws ShellSyntaxException {
    List<Node> commands = new ArrayList<>();
    skipNewlines();
    while (!ends()) {
      Node command = andOr();
      if (token.is("&")) {
        command = new Node.Background(command);
      }
      commands.add(command);
      if (token.is(";") || token.is("&") || token.kind() == Kind.NEWLINE) {
        advance();
        skipNewlines();
      } else if (!ends()) {
        throw unexpected();
      }
    }
    return new Node.Sequence(commands);
  }

  private Node andOr() throws ShellSyntaxException {
    Node left = pipeline();
    while (token.is("&&") || token.is("||")) {
      boolean and = token.is("&&");
      advance();
      skipNewlines();
      left = new Node.AndOr(left, and, pipeline());
    }
    return left;
  }

  private Node pipeline() throws ShellSyntaxException {
    boolean negated = false;
    while (token.isWord("!")) {
      negated = !negated;
      advance();
    }
    List<Node> commands = new ArrayList<>(List.of(command()));
    while (token.is("|") || token.is("|&")) {
      if (token.is("|&")) {
        int last = commands.size() - 1;
        Redirection errors = new Redirection(2, ">&", "1", false);
        commands.set(last, new Node.Redirected(token.line(), commands.get(last), List.of(errors)));
      }
      advance();
      skipNewlines();
      commands.add(command());
    }
    return commands.size() == 1 && !negated
        ? commands.get(0)
        : new Node.Pipeline(commands, negated);
  }

  private Node command() throws ShellSyntaxException {
    int line = token.line();
    Node compound;
    if (token.is("(")) {
      advance();
      compound = new Node.Subshell(body());
      expect(")");
    } else if (token.isWord("{")) {
      advance();
      compound = body();
      expect("}");
    } else if (token.isWord("if")) {
      compound = ifCommand();
    } else if (token.isWord("while") || token.isWord("until")) {
      boolean until = token.isWord("until");
      advance();
      Node condition = body();
      compound = new Node.While(condition, until, doGroup());
    } else if (token.isWord("for")) {
      compound = forCommand();
    } else if (token.isWord("case")) {
      compound = caseCommand();
    } else {
      return simple();
    }
    List<Redirection> redirections = new ArrayList<>();
    while (token.kind() == Kind.REDIRECTION) {
      redirection(redirections);
    }
    return redirections.isEmpty() ? compound : new Node.Redirected(line, compound, redirections);
  }

  /** After {@code if} or {@code elif}, which is the current token. */
  private Node ifCommand() throws ShellSyntaxException {
    advance();
    Node condition = body();
    expect("then");
    Node then = body();
    if (token.isWord("elif")) {
      return new Node.If(condition, then, Optional.of(ifCommand()));
    }
    Optional<Node> otherwise = Optional.empty();
    if (token.isWord("else")) {
      advance();
      otherwise = Optional.of(body());
    }
    expect("fi");
    return new Node.If(condition, then, otherwise);
  }

  private Node doGroup() throws ShellSyntaxException {
    expect("do");
    Node body = body();
    expect("done");
    return body;
  }

  private String word() throws ShellSyntaxException {
    if (token.kind() != Kind.WORD) {
      throw unexpected();
    }
    String word = token.text();
    advance();
    return word;
  }

  private Node forCommand() throws ShellSyntaxException {
    advance();
    String variable = word();
    skipNewlines();
    boolean positional = !token.isWord("in");
    List<String> words = new ArrayList<>();
    if (!positional) {
      advance();
      while (token.kind() == Kind.WORD) {
        words.add(word());
      }
    }
    if (token.is(";")) {
      advance();
    }
    skipNewlines();
    return new Node.For(variable, words, positional, doGroup());
  }

  private Node caseCommand() throws ShellSyntaxException {
    advance();
    String word = word();
    skipNewlines();
    expect("in");
    skipNewlines();
    List<Branch> branches = new ArrayList<>();
    while (!token.isWord("esac")) {
      if (token.is("(")) {
        advance();
      }
      List<String> patterns = new ArrayList<>(List.of(word()));
      while (token.is("|")) {
        advance();
        patterns.add(word());
      }
      expect(")");
      branches.add(new Branch(patterns, sequence()));
      if (token.is(";;")) {
        advance();
        skipNewlines();
      } else if (!token.isWord("esac")) {
        throw unexpected();
      }
    }
    advance();
    return new Node.Case(word, branches);
  }

  private Node simple() throws ShellSyntaxException {
    int line = token.line();
    List<Assignment> assignments = new ArrayList<>();
    List<String> words = new ArrayList<>();
    List<Redirection> redirections = new ArrayList<>();
    while (token.kind() == Kind.WORD || token.kind() == Kind.REDIRECTION) {
      if (token.kind() == Kind.REDIRECTION) {
        redirection(redirections);
        continue;
      }
      Matcher assignment = ASSIGNMENT.matcher(token.text());
      if (words.isEmpty() && assignment.matches()) {
        assignments.add(new Assignment(assignment.group(1), assignment.group(2)));
      } else {
        words.add(token.text());
      }
      advance();
    }
    if (words.isEmpty() && assignments.isEmpty() && redirections.isEmpty()) {
      throw unexpected();
    }
    return new Node.Simple(line, assignments, words, redirections);
  }

  private void redirection(List<Redirection> into) throws ShellSyntaxException {
    String operator = token.text();
    int descriptor =
        token.descriptor() >= 0 ? token.descriptor() : operator.startsWith("<") ? 0 : 1;
    advance();
    if (token.kind() != Kind.WORD) {
      throw unexpected();
    }
    String word = token.text();
    if (operator.equals("<<") || operator.equals("<<-")) {
      boolean quoted = word.matches(".*['\"\\\\].*");
      HereDocument document =
          new HereDocument(word.replaceAll("['\"\\\\]", ""), operator.equals("<<-"));
      lexer.await(document);
      into.add(new Redirection(descriptor, "<<", "", quoted));
      hereDocuments.add(new Here(into, into.size() - 1, document));
    } else {
      into.add(new Redirection(descriptor, operator, word, false));
    }
    advance();
  }
}
