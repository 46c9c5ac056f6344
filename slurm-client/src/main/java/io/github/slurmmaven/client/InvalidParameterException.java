/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/**
 * A parameter has a value that is not allowed.
 *
 * <p>The core's name of the parameter is used, for example {@code memoryPerNode}. A front end that
 * has another name for it (a POM element, a user property) builds its own sentence from the three
 * parts.
 */
public final class InvalidParameterException extends UserMistakeException {

  private static final long serialVersionUID = 1L;

  private final String parameter;
  private final String value;
  private final String problem;

  /**
   * @param parameter name of the parameter, for example {@code port}
   * @param value the offending value as the user wrote it; {@link Quoted} shortens it and shows
   *     invisible characters
   * @param problem what is wrong and what is allowed, to follow the value, for example {@code "is
   *     not a port: use 0 (any free port) to 65535"}
   */
  public InvalidParameterException(String parameter, Object value, String problem) {
    super(parameter + ": " + Quoted.of(value) + " " + problem);
    this.parameter = parameter;
    this.value = String.valueOf(value);
    this.problem = problem;
  }

  public String parameter() {
    return parameter;
  }

  public String value() {
    return value;
  }

  public String problem() {
    return problem;
  }
}
