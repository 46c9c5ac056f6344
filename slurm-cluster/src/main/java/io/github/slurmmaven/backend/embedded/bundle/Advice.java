/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import io.github.slurmmaven.definition.SlurmVersion;

/** Sentences that say what to do if a cluster cannot run as processes of this machine. */
public final class Advice {

  public static final String USE_DOCKER =
      "Run the cluster in containers instead: install Docker (https://docs.docker.com/get-docker/),"
          + " start it, and set engine to docker.";

  public static final String OWN_BUNDLE =
      "Bundles are released for Slurm %s. For another release, build-bundle.sh in slurm-embedded of the plugin's sources makes one from Slurm's source archive (SLURM_SOURCE)."
          .formatted(SlurmVersion.packagedInWords().replace(" or ", ", "));

  /** Begins the message for a missing bundle. */
  static final String NEEDED_FOR_ACCOUNTING =
      "Accounting (accounting=true) needs MariaDB and slurmdbd beside Slurm. ";

  public static final String OTHER_CACHE =
      "Set the environment variable XDG_CACHE_HOME to another directory.";

  private Advice() {}
}
