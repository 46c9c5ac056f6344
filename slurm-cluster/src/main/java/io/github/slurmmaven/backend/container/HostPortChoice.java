/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.report.InvalidParameterException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Chooses a port of the host for one service of a cluster: the one that the user named or an error,
 * the one that it had before, or the first free one from the default on.
 *
 * @param engine the engine
 * @param address address that the port is bound on
 * @param own ports that the cluster's own containers hold: they are as good as free for it
 * @param previous what the cluster had before
 */
record HostPortChoice(
    ContainerEngine engine,
    String address,
    Supplier<List<Integer>> own,
    Optional<NetworkChoice> previous) {

  /**
   * Chooses.
   *
   * @param parameter what the user calls the port
   * @param named what the user named, 0 for any free one
   * @param defaultPort the default
   * @param of the port in a choice
   * @param refused ports that turned out to be taken
   * @throws InvalidParameterException saying what holds the port that the user named
   */
  int choose(
      String parameter,
      OptionalInt named,
      int defaultPort,
      ToIntFunction<NetworkChoice> of,
      Set<Integer> refused) {
    if (named.isPresent() && named.getAsInt() != 0) {
      int port = named.getAsInt();
      if (refused.contains(port) || !isFree(port)) {
        throw new InvalidParameterException(
            parameter,
            port,
            "is taken by "
                + PortHolder.describe(engine, address, port)
                + ": end that, or use another port, or 0 for any free one");
      }
      return port;
    }
    int before = previous.map(allocation -> of.applyAsInt(allocation)).orElse(0);
    if (before != 0 && !refused.contains(before) && isFree(before)) {
      return before;
    }
    int first = defaultPort;
    while (refused.contains(first)) {
      first++;
    }
    if (!engine.info().isLocal()) {
      return first;
    }
    return named.isPresent() ? HostPorts.anyFree(address) : HostPorts.freeFrom(address, first);
  }

  /** Of another machine's ports only the engine there knows, when it starts the container. */
  private boolean isFree(int port) {
    return !engine.info().isLocal() || HostPorts.isFree(address, port) || own.get().contains(port);
  }
}
