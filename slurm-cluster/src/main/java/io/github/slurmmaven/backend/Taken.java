/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import java.util.HashSet;
import java.util.Set;

/**
 * Networks and ports that were allocated to a cluster, and that another process took.
 *
 * @param subnets networks in CIDR form
 * @param ports ports of the host
 */
public record Taken(Set<String> subnets, Set<Integer> ports) {

  public static final Taken NOTHING = new Taken(Set.of(), Set.of());

  public Taken {
    subnets = Set.copyOf(subnets);
    ports = Set.copyOf(ports);
  }

  /** Returns the union of both. */
  public Taken and(Taken more) {
    Set<String> allSubnets = new HashSet<>(subnets);
    allSubnets.addAll(more.subnets);
    Set<Integer> allPorts = new HashSet<>(ports);
    allPorts.addAll(more.ports);
    return new Taken(allSubnets, allPorts);
  }
}
