/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.util.List;
import java.util.Optional;

/** A parsed command. Words are kept as written, and expanded when the command runs. */
sealed interface Node {

  /** Commands one after another. */
  record Sequence(List<Node> commands) implements Node {}

  /** The right one runs when the left one succeeded, or failed. */
  record AndOr(Node left, boolean and, Node right) implements Node {}

  /** Each command's output is the next one's input. */
  record Pipeline(List<Node> commands, boolean negated) implements Node {}

  /** A name with arguments. */
  record Simple(
      int line, List<Assignment> assignments, List<String> words, List<Redirection> redirections)
      implements Node {}

  /** A command with redirections of its own. */
  record Redirected(int line, Node command, List<Redirection> redirections) implements Node {}

  /** Commands in a shell of their own. */
  record Subshell(Node body) implements Node {}

  /** {@code if}. */
  record If(Node condition, Node then, Optional<Node> otherwise) implements Node {}

  /** {@code while} and {@code until}. */
  record While(Node condition, boolean until, Node body) implements Node {}

  /** {@code for}. */
  record For(String variable, List<String> words, boolean positional, Node body) implements Node {}

  /** {@code case}. */
  record Case(String word, List<Branch> branches) implements Node {}

  /** A command that the shell does not wait for. */
  record Background(Node command) implements Node {}

  /** One of the branches of {@code case}. */
  record Branch(List<String> patterns, Node body) {}

  /** {@code name=word}. */
  record Assignment(String name, String word) {}

  /**
   * A redirection of a stream.
   *
   * @param descriptor 0 input, 1 output, 2 errors
   * @param operator as it is written, for example {@code >>}
   * @param word file, descriptor, or the text of a here-document
   * @param literal whether a here-document is not expanded
   */
  record Redirection(int descriptor, String operator, String word, boolean literal) {}
}
