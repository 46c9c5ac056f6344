/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.apache.commons.io.file.PathUtils;

/** Operations on directory trees. */
public final class FileTrees {

  private FileTrees() {}

  /**
   * Deletes a file, or a directory with its content, if it exists. Symbolic links are deleted, but
   * not their targets.
   *
   * @throws IOException names the path that cannot be deleted
   */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    PathUtils.delete(root);
    // The library leaves a directory to which another process has added a file meanwhile.
    if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      throw new DirectoryNotEmptyException(root.toString());
    }
  }
}
