/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;

/**
 * Where something stands in the site's files.
 *
 * @param file the file, as it is called relative to slurm.conf's directory
 * @param line its line, from 1 on
 * @param column its column, from 1 on
 */
record Place(String file, int line, int column) {

  /** The refusal of what stands here. */
  UserMistakeException mistake(String found, String problem) {
    return new UserMistakeException(
        "site: %s, line %d, column %d: %s %s"
            .formatted(file, line, column, Quoted.of(found), problem));
  }
}
