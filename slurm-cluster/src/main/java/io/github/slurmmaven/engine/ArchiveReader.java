/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.io.IOException;
import java.io.InputStream;

/** Reads what is copied out of a container. */
@FunctionalInterface
public interface ArchiveReader {

  /**
   * Reads as much of the archive as it wants.
   *
   * @param tar the archive, not compressed; gone when the method returns
   */
  void read(InputStream tar) throws IOException;
}
