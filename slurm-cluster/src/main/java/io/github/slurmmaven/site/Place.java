/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;

/**
 * A place in the site's files.
 *
 * @param file the file, relative to slurm.conf's directory
 * @param line its line, from 1
 * @param column its column, from 1
 */
record Place(String file, int line, int column) {

  /** Returns the exception for a mistake at this place. */
  UserMistakeException mistake(String found, String problem) {
    return new UserMistakeException(
        "site: %s, line %d, column %d: %s %s"
            .formatted(file, line, column, Quoted.of(found), problem));
  }
}
