/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

/** What to do when a cluster cannot run as processes of this machine; whole sentences. */
public final class Advice {

  public static final String USE_DOCKER =
      "Run the cluster in containers instead: install Docker (https://docs.docker.com/get-docker/),"
          + " start it, and set engine to docker.";

  public static final String OTHER_CACHE =
      "Set the environment variable XDG_CACHE_HOME to another directory.";

  private Advice() {}
}
