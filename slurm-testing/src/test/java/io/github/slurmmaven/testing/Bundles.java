/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import java.util.stream.Stream;

/** What clusters without containers are made of, where {@code slurm-embedded} has made it. */
final class Bundles {

  private Bundles() {}

  static boolean areMade() {
    return Stream.of("22.05", "24.11", "26.05").allMatch(BundleSource.classPath()::has);
  }
}
