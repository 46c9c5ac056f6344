/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.SlurmClusterException;

/** slurmctld does not answer. */
public final class NoAnswerException extends SlurmClusterException {

  private static final long serialVersionUID = 1L;

  NoAnswerException(String message) {
    super(message);
  }
}
