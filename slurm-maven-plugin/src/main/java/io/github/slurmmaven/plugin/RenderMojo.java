/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import org.apache.maven.plugins.annotations.Mojo;

/**
 * Writes a cluster's files as {@code create} does, but needs no engine. Use it to look at the
 * files, or to keep them for another machine.
 *
 * @since 0.1.0
 */
@Mojo(name = "render", requiresProject = false, threadSafe = true)
public final class RenderMojo extends AbstractClusterMojo {

  @Override
  boolean usesCluster() {
    return false;
  }

  @Override
  void run() {
    request().render();
  }
}
