/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.mock.job.Refusal;
import io.github.slurmmaven.mock.shell.Call;
import java.io.IOException;

/** {@code sacct} and its like, on a cluster without accounting. */
final class Sacct {

  private final SlurmContext slurm;

  Sacct(SlurmContext slurm) {
    this.slurm = slurm;
  }

  int sacct(Call call) throws IOException {
    return slurm.run(
        call,
        false,
        1,
        parsed -> {
          throw Refusal.raw(1, "Slurm accounting storage is disabled");
        });
  }

  /** {@code sacctmgr} and {@code sreport}. */
  int manager(Call call) {
    call.complain("You are not running a supported accounting_storage plugin");
    call.complain("Only 'accounting_storage/slurmdbd' is supported.");
    return 1;
  }
}
