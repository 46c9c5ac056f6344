/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.definition.SshDefinition;
import java.util.List;

/**
 * A batch job to submit.
 *
 * @param user account to submit it as
 * @param script path of the batch script on the controller
 * @param options sbatch's options, for example {@code --partition=gpu}
 * @param arguments the script's arguments
 * @param directory directory to submit from, which is the job's working directory unless an option
 *     sets another; empty for the user's home
 */
public record Submission(
    String user, String script, List<String> options, List<String> arguments, String directory) {

  public Submission {
    options = List.copyOf(options);
    arguments = List.copyOf(arguments);
  }

  /** Returns the script's file name, for messages. */
  public String scriptName() {
    return script.substring(script.lastIndexOf('/') + 1);
  }

  /** Returns the submission of a script from the home of the user {@value SshDefinition#USER}. */
  public static Submission of(String script) {
    return new Submission(SshDefinition.USER, script, List.of(), List.of(), "");
  }

  /** Returns a copy with another user. */
  public Submission by(String newUser) {
    return new Submission(newUser, script, options, arguments, directory);
  }

  /** Returns a copy with these options. */
  public Submission withOptions(List<String> newOptions) {
    return new Submission(user, script, newOptions, arguments, directory);
  }

  /** Returns a copy with these arguments of the script. */
  public Submission withArguments(List<String> newArguments) {
    return new Submission(user, script, options, newArguments, directory);
  }

  /** Returns a copy with another directory. */
  public Submission from(String newDirectory) {
    return new Submission(user, script, options, arguments, newDirectory);
  }
}
