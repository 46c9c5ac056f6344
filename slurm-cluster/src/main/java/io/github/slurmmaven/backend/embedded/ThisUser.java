/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.report.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The user who runs this process, and so each process of a cluster.
 *
 * @param name name, or the id when it has none
 * @param id user id
 */
record ThisUser(String name, int id) {

  /** As the kernel and the user database know it; {@code user.name} is anybody's to set. */
  static ThisUser current() {
    Path self = Path.of("/proc/self");
    try {
      return new ThisUser(
          Files.getOwner(self).getName(), (Integer) Files.getAttribute(self, "unix:uid"));
    } catch (IOException e) {
      throw new UserMistakeException("The embedded engine needs /proc: " + e, e);
    }
  }

  /** Whether there is an account; Slurm runs for nobody else. */
  boolean hasAccount() {
    return !name.equals(Integer.toString(id));
  }

  boolean isRoot() {
    return id == 0;
  }
}
