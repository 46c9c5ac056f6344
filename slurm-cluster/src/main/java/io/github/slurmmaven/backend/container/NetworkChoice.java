/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.ClusterBackend.Allocation;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an engine gives to a cluster, as the variables of {@code .env} that keep it.
 *
 * @param subnet first three octets of the cluster's network
 * @param sshPort port of the host for SSH
 * @param registryPort port of the host for the registry; 0 where there is none
 */
record NetworkChoice(String subnet, int sshPort, int registryPort) {

  private static final String SUBNET = "SLURM_MAVEN_SUBNET";
  private static final String SSH_PORT = "SLURM_MAVEN_SSH_PORT";
  private static final String REGISTRY_PORT = "SLURM_MAVEN_REGISTRY_PORT";

  /** The variables' meaning; empty when they have none here. */
  static Optional<NetworkChoice> of(Allocation allocation) {
    Map<String, String> variables = allocation.variables();
    String subnet = variables.get(SUBNET);
    String sshPort = variables.get(SSH_PORT);
    if (subnet == null || sshPort == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new NetworkChoice(
              subnet,
              Integer.parseInt(sshPort),
              Integer.parseInt(variables.getOrDefault(REGISTRY_PORT, "0"))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  Allocation allocation() {
    SortedMap<String, String> variables = new TreeMap<>();
    variables.put(SUBNET, subnet);
    variables.put(SSH_PORT, Integer.toString(sshPort));
    if (registryPort != 0) {
      variables.put(REGISTRY_PORT, Integer.toString(registryPort));
    }
    return new Allocation(variables);
  }
}
