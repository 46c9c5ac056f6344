/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.apache.commons.io.file.PathUtils;

/** Directories with all that is in them. */
public final class FileTrees {

  private FileTrees() {}

  /**
   * Deletes a file or a directory with all that is in it; nothing happens when it does not exist.
   * Symbolic links are deleted, and what they point to stays.
   *
   * @throws IOException names the path that cannot be deleted
   */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    PathUtils.delete(root);
    // The library leaves a directory in which somebody has made a file meanwhile.
    if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      throw new DirectoryNotEmptyException(root.toString());
    }
  }
}
