/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The files that the shell sees: a directory of this machine is its root.
 *
 * @param root that directory
 */
public record RemoteFiles(Path root) {

  /** An absolute path without dots, where {@code directory} is the working directory. */
  public static String absolute(String directory, String path) {
    Deque<String> names = new ArrayDeque<>();
    for (String name : (path.startsWith("/") ? path : directory + "/" + path).split("/", -1)) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.addLast(name);
      }
    }
    return "/" + String.join("/", names);
  }

  /** The file of this machine that a path of the shell names; never one outside the root. */
  public Path real(String directory, String path) {
    return root.resolve(absolute(directory, path).substring(1));
  }
}
