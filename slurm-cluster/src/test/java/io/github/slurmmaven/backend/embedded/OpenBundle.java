/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.bundle.BundleCache;
import io.github.slurmmaven.backend.embedded.bundle.BundleName;
import io.github.slurmmaven.backend.embedded.bundle.BundlePlatform;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import java.nio.file.Path;

/** A build that opens a bundle, as a process of its own: prints its root, or the user's mistake. */
public final class OpenBundle {

  private OpenBundle() {}

  /**
   * @param arguments directory of the bundles, cache, release
   */
  public static void main(String[] arguments) {
    Progress progress =
        new Progress() {
          @Override
          public void step(String message) {
            System.out.println(message);
          }

          @Override
          public void warn(String message) {
            System.out.println(message);
          }

          @Override
          public void detail(String message) {}
        };
    BundleCache cache =
        new BundleCache(
            Path.of(arguments[1]),
            BundleSource.directory(Path.of(arguments[0])),
            BundlePlatform.system(),
            progress);
    try {
      System.out.println(
          cache.open(BundleName.Content.SLURM, SlurmVersion.of("release", arguments[2])).root());
    } catch (UserMistakeException e) {
      System.out.println(e.getMessage());
    }
  }
}
