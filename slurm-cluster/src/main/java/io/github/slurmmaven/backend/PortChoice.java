/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Chooses a port of the host for one service of a cluster: the one that the user named or an error,
 * the one that it had before, or the first free one from the default on.
 *
 * @param isFree whether the cluster can have a port, also because it holds it
 * @param freeFrom the first free port from one on
 * @param anyFree any free port; of a machine whose ports nobody knows from here, the given one
 * @param holder who holds a port, in words
 */
public record PortChoice(
    IntPredicate isFree,
    IntUnaryOperator freeFrom,
    IntUnaryOperator anyFree,
    IntFunction<String> holder) {

  /**
   * Chooses.
   *
   * @param parameter what the user calls the port
   * @param named what the user named, 0 for any free one
   * @param defaultPort the default
   * @param before what the cluster had before; 0 when it had none
   * @param refused ports that turned out to be taken
   * @throws InvalidParameterException saying what holds the port that the user named
   */
  public int choose(
      String parameter, OptionalInt named, int defaultPort, int before, Set<Integer> refused) {
    if (named.isPresent() && named.getAsInt() != 0) {
      int port = named.getAsInt();
      if (refused.contains(port) || !isFree.test(port)) {
        throw new InvalidParameterException(
            parameter,
            port,
            "is taken by "
                + holder.apply(port)
                + ": end that, or use another port, or 0 for any free one");
      }
      return port;
    }
    if (before != 0 && !refused.contains(before) && isFree.test(before)) {
      return before;
    }
    int first = defaultPort;
    while (refused.contains(first)) {
      first++;
    }
    return (named.isPresent() ? anyFree : freeFrom).applyAsInt(first);
  }
}
