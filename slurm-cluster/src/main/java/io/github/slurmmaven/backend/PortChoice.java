/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.RestDefinition;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.files.Allocation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Chooses the ports of the host for the services of a cluster. A port that the user named is used,
 * or refused if it is taken. Otherwise a service keeps its earlier port, or gets the first free one
 * from the default on.
 *
 * @param isFree whether the cluster can use a port, because it is free or the cluster's own
 * @param freeFrom returns the first free port from the given one on
 * @param anyFree returns any free port; for another machine, whose ports are unknown, the given one
 * @param holder describes the process that uses a port
 */
public record PortChoice(
    IntPredicate isFree,
    IntUnaryOperator freeFrom,
    IntUnaryOperator anyFree,
    IntFunction<String> holder) {

  /** The parameter with the port of SSH. */
  public static final String SSH = "port";

  /** The parameter with the port of slurmrestd. */
  public static final String REST = "restPort";

  /**
   * A port that a cluster needs.
   *
   * @param parameter the user's name for it
   * @param service the service that uses it, for messages
   * @param named the port that the user named, 0 for any free one
   * @param defaultPort the default
   * @param before the cluster's earlier port; 0 if it had none
   */
  public record Wanted(
      String parameter, String service, OptionalInt named, int defaultPort, int before) {

    /** The port of SSH. */
    public static Wanted ssh(SshDefinition ssh, Optional<Allocation> before) {
      return new Wanted(
          SSH,
          "SSH",
          ssh.port(),
          SshDefinition.DEFAULT_PORT,
          before.map(Allocation::sshPort).orElse(0));
    }

    /** The port of slurmrestd. */
    public static Wanted rest(RestDefinition rest, Optional<Allocation> before) {
      return new Wanted(
          REST,
          "slurmrestd",
          rest.port(),
          RestDefinition.DEFAULT_PORT,
          before.map(Allocation::restPort).orElse(0));
    }
  }

  /**
   * Chooses different ports for all services.
   *
   * @param refused ports that were found to be taken
   * @return the ports by parameter
   * @throws InvalidParameterException when a port that the user named is taken, or named twice;
   *     says by what
   */
  public Map<String, Integer> choose(List<Wanted> wanted, Set<Integer> refused) {
    Map<String, Integer> chosen = new LinkedHashMap<>();
    Set<Integer> named = new HashSet<>();
    wanted.forEach(port -> port.named().stream().filter(each -> each != 0).forEach(named::add));
    for (Wanted port : wanted) {
      Set<Integer> notThis = new HashSet<>(refused);
      if (port.named().orElse(0) == 0) {
        notThis.addAll(named);
      }
      for (Wanted other : wanted) {
        Integer taken = chosen.get(other.parameter());
        if (taken != null && port.named().equals(OptionalInt.of(taken))) {
          throw new InvalidParameterException(
              port.parameter(),
              taken,
              "is the port for %s too: use another, or 0 for any free one"
                  .formatted(other.service()));
        }
      }
      notThis.addAll(chosen.values());
      chosen.put(port.parameter(), choose(port, notThis));
    }
    return chosen;
  }

  private int choose(Wanted wanted, Set<Integer> refused) {
    if (wanted.named().orElse(0) != 0) {
      int port = wanted.named().orElseThrow();
      if (refused.contains(port) || !isFree.test(port)) {
        throw new InvalidParameterException(
            wanted.parameter(),
            port,
            "is taken by "
                + holder.apply(port)
                + ": end that, or use another port, or 0 for any free one");
      }
      return port;
    }
    int before = wanted.before();
    if (before != 0 && !refused.contains(before) && isFree.test(before)) {
      return before;
    }
    IntUnaryOperator next = wanted.named().isPresent() ? anyFree : freeFrom;
    int port = wanted.defaultPort();
    do {
      while (refused.contains(port)) {
        port++;
      }
      port = next.applyAsInt(port);
    } while (refused.contains(port));
    return port;
  }
}
