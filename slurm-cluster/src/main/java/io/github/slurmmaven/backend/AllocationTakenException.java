/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.SlurmClusterException;

/** Another process took the network or a port of a cluster between its allocation and its use. */
public final class AllocationTakenException extends SlurmClusterException {
  private static final long serialVersionUID = 1L;

  private final transient Taken what;

  public AllocationTakenException(Taken what, SlurmClusterException cause) {
    super(String.valueOf(cause.getMessage()), cause);
    this.what = what;
  }

  /** Returns the networks and ports that were taken. */
  public Taken what() {
    return what;
  }
}
