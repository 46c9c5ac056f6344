/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.embedded.bundle.BundleFile;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import java.util.Optional;

/**
 * The bundles in the jars that a program names.
 *
 * @param programs names them
 */
record ProgramBundles(SlurmPrograms programs) implements BundleSource {

  @Override
  public Optional<BundleFile> find(String release, String platform) {
    return programs
        .jar(release, platform)
        .flatMap(jar -> BundleSource.jar(jar).find(release, platform));
  }

  @Override
  public String absence(String release, String platform) {
    return programs.absence(release, platform);
  }
}
