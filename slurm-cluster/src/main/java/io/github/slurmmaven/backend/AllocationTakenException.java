/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.SlurmClusterException;

/** Address or port of a cluster was taken between its allocation and its use. */
public final class AllocationTakenException extends SlurmClusterException {
  private static final long serialVersionUID = 1L;

  private final transient Taken what;

  public AllocationTakenException(Taken what, SlurmClusterException cause) {
    super(String.valueOf(cause.getMessage()), cause);
    this.what = what;
  }

  /** What was lost. */
  public Taken what() {
    return what;
  }
}
