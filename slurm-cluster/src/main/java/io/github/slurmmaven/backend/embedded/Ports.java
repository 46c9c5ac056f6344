/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Chooses a row of ports for Slurm's daemons. */
final class Ports {

  private static final int FIRST = 10_000;

  /** First port for outgoing connections, if the kernel does not report it. */
  private static final int USUAL_FIRST_EPHEMERAL = 32_768;

  private static final Path EPHEMERAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private Ports() {}

  /**
   * Returns the first of several consecutive free ports.
   *
   * @param count how many ports
   * @param seed depends on the cluster, so that clusters that are created at the same time search
   *     in different places
   * @throws UserMistakeException when there are not enough consecutive free ports
   */
  static int freeRow(int count, int seed, IntPredicate isFree) {
    return freeRow(count, seed, isFree, firstEphemeral());
  }

  static int freeRow(int count, int seed, IntPredicate isFree, int end) {
    int rows = Math.max(0, (end - FIRST) / count);
    for (int i = 0; i < rows; i++) {
      int first = FIRST + Math.floorMod(seed + i, rows) * count;
      if (IntStream.range(first, first + count).allMatch(isFree)) {
        return first;
      }
    }
    throw new UserMistakeException(
        "Slurm's daemons need %d free ports in a row, and there are none between %d and %d on 127.0.0.1: end other clusters, or ask for fewer nodes"
            .formatted(count, FIRST, end));
  }

  private static int firstEphemeral() {
    try {
      int first = Integer.parseInt(Files.readString(EPHEMERAL).strip().split("\\s+", 2)[0]);
      // In some containers, the range covers nearly all ports. It is then ignored.
      return first > 2 * FIRST ? Math.min(first, USUAL_FIRST_EPHEMERAL) : USUAL_FIRST_EPHEMERAL;
    } catch (IOException | NumberFormatException e) {
      return USUAL_FIRST_EPHEMERAL;
    }
  }
}
