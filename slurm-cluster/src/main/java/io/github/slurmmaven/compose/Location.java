/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;

/**
 * A place in a file.
 *
 * @param file name of the file
 * @param line line of the file, from 1
 * @param path the key's path, for example {@code services.slurm.ports[0]}
 */
record Location(String file, int line, String path) {

  Location child(String key, int line) {
    return new Location(file, line, path.isEmpty() ? key : path + "." + key);
  }

  Location element(int index, int line) {
    return new Location(file, line, path + "[" + index + "]");
  }

  /** Returns the exception for a mistake, whose sentence begins with the path. */
  UserMistakeException mistake(String problem) {
    return new UserMistakeException(
        this + ": " + (path.isEmpty() ? "the file" : path) + " " + problem);
  }

  /** Returns the exception for a mistake, whose sentence begins with the value. */
  UserMistakeException mistake(String value, String problem) {
    return new UserMistakeException(this + ": " + path + ": " + Quoted.of(value) + " " + problem);
  }

  @Override
  public String toString() {
    return file + ", line " + line;
  }
}
