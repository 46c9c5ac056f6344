/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.io.IOException;
import java.io.InputStream;

/** Reads an archive that is copied out of a container. */
@FunctionalInterface
public interface ArchiveReader {

  /**
   * Reads the archive, or a part of it.
   *
   * @param tar the archive, not compressed; closed when the method returns
   */
  void read(InputStream tar) throws IOException;
}
