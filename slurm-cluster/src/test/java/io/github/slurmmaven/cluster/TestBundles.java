/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;

/** Lets tests of other packages name bundles. */
public final class TestBundles {

  private TestBundles() {}

  public static ClusterRequest.Builder from(BundleSource bundles, ClusterRequest.Builder builder) {
    return builder.bundles(bundles);
  }
}
