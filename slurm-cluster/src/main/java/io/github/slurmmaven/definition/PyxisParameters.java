/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import org.jspecify.annotations.Nullable;

/**
 * What the user said of jobs in containers; null is what the user left to the defaults.
 *
 * @param withPyxis whether jobs can run in containers; default the preset's
 * @param pyxisUrl URL or file of Pyxis' sources; default {@link PyxisDefinition#DEFAULT_URL}
 * @param pyxisSha256 their digest; default none
 * @param enrootUrl URL or file of enroot's package; default {@link
 *     PyxisDefinition#DEFAULT_ENROOT_URL}
 * @param enrootSha256 its digest; default none
 * @param pyxisHelpers who merges an image's layers, {@code userland} (the default) or {@code stock}
 */
public record PyxisParameters(
    @Nullable Boolean withPyxis,
    @Nullable String pyxisUrl,
    @Nullable String pyxisSha256,
    @Nullable String enrootUrl,
    @Nullable String enrootSha256,
    @Nullable String pyxisHelpers) {

  /** Nothing said. */
  public static final PyxisParameters NONE =
      new PyxisParameters(null, null, null, null, null, null);
}
