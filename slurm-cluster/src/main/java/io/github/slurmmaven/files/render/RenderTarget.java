/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The backend for which a cluster's files are rendered. */
public sealed interface RenderTarget {

  /**
   * Containers of a Compose project.
   *
   * @param project name of the Compose project
   * @param image image of all nodes
   * @param subnet first three octets of the cluster's network
   * @param host host on which this machine reaches ports of the backend
   * @param sshPort port of the host for SSH
   * @param registryPort port of the host for the registry; ignored without a registry
   * @param restPort port of the host for slurmrestd; ignored without slurmrestd
   * @param maxCpus processors of the backend, the highest limit of a container
   * @param maxMemory megabytes of the backend
   */
  record Containers(
      String project,
      String image,
      String subnet,
      String host,
      int sshPort,
      int registryPort,
      int restPort,
      int maxCpus,
      long maxMemory)
      implements RenderTarget {}

  /**
   * Processes of this machine.
   *
   * @param root the cluster's directory, by a path that slurm.conf and Unix sockets can have
   * @param user owner of the processes
   * @param sshPort port for SSH
   * @param slurmPort port of slurmctld; the compute nodes have the next ones
   * @param slurmdbdPort port of slurmdbd; ignored without accounting
   * @param restPort port for slurmrestd; ignored without slurmrestd
   * @param environment variables of the daemons and of sessions, in order
   */
  record Processes(
      Path root,
      String user,
      int sshPort,
      int slurmPort,
      int slurmdbdPort,
      int restPort,
      SortedMap<String, String> environment)
      implements RenderTarget {

    public Processes {
      environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
    }

    /** Returns the socket of munged. */
    Path mungeSocket() {
      return root.resolve("run/munge.socket");
    }
  }
}
