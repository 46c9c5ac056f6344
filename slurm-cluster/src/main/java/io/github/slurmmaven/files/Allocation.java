/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The ports and networks that a cluster got from its machine, which {@code .env} records. */
public sealed interface Allocation {

  /** Returns the variables of {@code .env}. */
  SortedMap<String, String> variables();

  /** Returns the port of the host for SSH. */
  int sshPort();

  /** Returns the port of the host for slurmrestd; 0 without slurmrestd. */
  int restPort();

  /**
   * The allocation of a cluster on an engine.
   *
   * @param subnet first three octets of the cluster's network
   * @param sshPort port of the host for SSH
   * @param registryPort port of the host for the registry; 0 without a registry
   * @param restPort port of the host for slurmrestd; 0 without slurmrestd
   */
  record Containers(String subnet, int sshPort, int registryPort, int restPort)
      implements Allocation {
    @Override
    public SortedMap<String, String> variables() {
      SortedMap<String, String> variables = new TreeMap<>();
      variables.put(Names.SUBNET, subnet);
      variables.put(Names.SSH_PORT, Integer.toString(sshPort));
      if (registryPort != 0) {
        variables.put(Names.REGISTRY_PORT, Integer.toString(registryPort));
      }
      if (restPort != 0) {
        variables.put(Names.REST_PORT, Integer.toString(restPort));
      }
      return variables;
    }
  }

  /**
   * The allocation of a cluster of processes.
   *
   * @param sshPort port for SSH
   * @param slurmPort port of slurmctld; the compute nodes have the next ones
   * @param slurmdbdPort port of slurmdbd; 0 without accounting
   * @param restPort port for slurmrestd; 0 without slurmrestd
   * @param link link to the cluster's directory, if Slurm cannot use the directory's own path
   */
  record Processes(int sshPort, int slurmPort, int slurmdbdPort, int restPort, Optional<Path> link)
      implements Allocation {
    @Override
    public SortedMap<String, String> variables() {
      SortedMap<String, String> variables = new TreeMap<>();
      variables.put(Names.SSH_PORT, Integer.toString(sshPort));
      variables.put(Names.SLURM_PORT, Integer.toString(slurmPort));
      if (slurmdbdPort != 0) {
        variables.put(Names.SLURMDBD_PORT, Integer.toString(slurmdbdPort));
      }
      if (restPort != 0) {
        variables.put(Names.REST_PORT, Integer.toString(restPort));
      }
      link.ifPresent(path -> variables.put(Names.LINK, path.toString()));
      return variables;
    }
  }

  /** Returns the allocation that variables describe; empty when one is missing or invalid. */
  static Optional<Allocation> of(Map<String, String> variables) {
    String subnet = variables.get(Names.SUBNET);
    try {
      int sshPort = Integer.parseInt(variables.getOrDefault(Names.SSH_PORT, ""));
      int restPort = Integer.parseInt(variables.getOrDefault(Names.REST_PORT, "0"));
      return Optional.of(
          subnet != null
              ? new Containers(
                  subnet,
                  sshPort,
                  Integer.parseInt(variables.getOrDefault(Names.REGISTRY_PORT, "0")),
                  restPort)
              : new Processes(
                  sshPort,
                  Integer.parseInt(variables.getOrDefault(Names.SLURM_PORT, "")),
                  Integer.parseInt(variables.getOrDefault(Names.SLURMDBD_PORT, "0")),
                  restPort,
                  Optional.ofNullable(variables.get(Names.LINK)).map(Path::of)));
    } catch (NumberFormatException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the difference to an earlier allocation, for a message: {@code SSH is on port 2230}.
   */
  default String describeChange(Allocation before) {
    SortedMap<String, String> old = before.variables();
    return variables().entrySet().stream()
        .filter(each -> !each.getValue().equals(old.get(each.getKey())))
        .filter(each -> Names.WORDS.containsKey(each.getKey()))
        .map(each -> Names.WORDS.getOrDefault(each.getKey(), "").formatted(each.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** The names of the variables. */
  final class Names {

    private static final String SUBNET = "SLURM_MAVEN_SUBNET";
    private static final String SSH_PORT = "SLURM_MAVEN_SSH_PORT";
    private static final String REGISTRY_PORT = "SLURM_MAVEN_REGISTRY_PORT";
    private static final String REST_PORT = "SLURM_MAVEN_REST_PORT";
    private static final String SLURM_PORT = "SLURM_MAVEN_SLURM_PORT";
    private static final String SLURMDBD_PORT = "SLURM_MAVEN_SLURMDBD_PORT";
    private static final String LINK = "SLURM_MAVEN_SHORTCUT";

    private static final Map<String, String> WORDS =
        Map.of(
            SSH_PORT, "SSH is on port %s",
            REGISTRY_PORT, "the registry is on port %s",
            REST_PORT, "slurmrestd is on port %s",
            SLURM_PORT, "Slurm's daemons are on port %s and the next ones",
            SLURMDBD_PORT, "slurmdbd is on port %s",
            SUBNET, "the network is %s.0/24");

    private Names() {}
  }
}
