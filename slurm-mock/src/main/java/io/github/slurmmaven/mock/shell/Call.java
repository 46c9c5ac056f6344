/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of a {@link Program}.
 *
 * @param name the name by which it was called
 * @param arguments arguments after the name
 * @param environment exported variables
 * @param user who runs it
 * @param directory working directory, as the shell sees it
 * @param files the files that the shell sees
 * @param in standard input
 * @param out standard output
 * @param err standard error
 */
public record Call(
    String name,
    List<String> arguments,
    Map<String, String> environment,
    String user,
    String directory,
    RemoteFiles files,
    InputStream in,
    PrintStream out,
    PrintStream err) {

  public Call {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /** The whole of standard input. */
  public String input() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  /** The file of this machine that a path of the shell names. */
  public Path file(String path) {
    return files.real(directory, path);
  }

  /** Writes a line to standard output. */
  public void say(String line) {
    out.print(line + "\n");
  }

  /** Writes a line to standard error. */
  public void complain(String line) {
    err.print(line + "\n");
  }

  /** The same call, with a variable of the environment set. */
  public Call with(String variable, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(variable, value);
    return new Call(name, arguments, more, user, directory, files, in, out, err);
  }

  /** The same call, of another command. */
  public Call of(List<String> command) {
    return as(command.get(0), command.subList(1, command.size()));
  }

  /** The same call, of another program. */
  Call as(String otherName, List<String> otherArguments) {
    return new Call(otherName, otherArguments, environment, user, directory, files, in, out, err);
  }
}
