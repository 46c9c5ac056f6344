/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import io.github.slurmmaven.backend.embedded.bundle.Advice;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The user who runs this process and all processes of a cluster.
 *
 * @param name name, or the id when it has none
 * @param id user id
 * @param group group id of this process
 */
public record ThisUser(String name, int id, int group) {

  private static final Path ACCOUNTS = Path.of("/etc/passwd");
  private static final int GROUP_FIELD = 3;

  /**
   * Reads the user from the kernel and the user database, because {@code user.name} can be set to
   * anything.
   */
  public static ThisUser current() {
    Path self = Path.of("/proc/self");
    try {
      return new ThisUser(
          Files.getOwner(self).getName(),
          (Integer) Files.getAttribute(self, "unix:uid"),
          (Integer) Files.getAttribute(self, "unix:gid"));
    } catch (IOException | UnsupportedOperationException e) {
      throw new UserMistakeException(
          "Without containers, Slurm needs Linux and its /proc. " + Advice.USE_DOCKER, e);
    }
  }

  public boolean isRoot() {
    return id == 0;
  }

  /**
   * Refuses a user for whom Slurm cannot run.
   *
   * @throws UserMistakeException says why
   */
  public void check() {
    check(accountGroup());
  }

  public void check(OptionalInt accountGroup) {
    if (name.equals(Integer.toString(id))) {
      throw new UserMistakeException(
          "Slurm runs only for users with an account, and the user id %d has none in %s: add one, or use engine=docker"
              .formatted(id, ACCOUNTS));
    }
    if (!isRoot() && accountGroup.isPresent() && accountGroup.getAsInt() != group) {
      throw new UserMistakeException(
          "Slurm runs only in the group of the user's account: the build runs in group %d, and %s has %s in group %d. Start the build as %d:%d, or use engine=docker"
              .formatted(
                  group, ACCOUNTS, name, accountGroup.getAsInt(), id, accountGroup.getAsInt()));
    }
  }

  /** Returns the group of the account in /etc/passwd; empty for an account from another source. */
  private OptionalInt accountGroup() {
    try (Stream<String> lines = Files.lines(ACCOUNTS, StandardCharsets.ISO_8859_1)) {
      return lines
          .map(line -> line.split(":", -1))
          .filter(fields -> fields.length > GROUP_FIELD && fields[0].equals(name))
          .filter(fields -> fields[GROUP_FIELD].matches("\\d{1,9}"))
          .mapToInt(fields -> Integer.parseInt(fields[GROUP_FIELD]))
          .findFirst();
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }
}
