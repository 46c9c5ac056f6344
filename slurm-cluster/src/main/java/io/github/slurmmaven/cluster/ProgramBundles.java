/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.embedded.bundle.BundleFile;
import io.github.slurmmaven.backend.embedded.bundle.BundleName;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.backend.embedded.bundle.BundleVersions;
import java.util.Optional;

/**
 * Reads bundles from the jars that a {@link SlurmPrograms} finds.
 *
 * @param programs finds the jars
 */
record ProgramBundles(SlurmPrograms programs) implements BundleSource {

  @Override
  public Optional<BundleFile> find(BundleName name) {
    return programs
        .jar(name.release(), BundleVersions.of(name.release()), name.classifier())
        .flatMap(jar -> BundleSource.jar(jar).find(name));
  }

  @Override
  public String absence(BundleName name) {
    return programs.absence(name.release(), BundleVersions.of(name.release()), name.classifier());
  }
}
