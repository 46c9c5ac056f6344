/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.render;

import io.github.slurmmaven.spec.ClusterSpec;
import java.nio.file.Path;

/**
 * What a cluster's files depend on beside the cluster itself: the place where it will run.
 *
 * @param spec the cluster
 * @param directory absolute path of the files
 * @param project name of the Compose project
 * @param image image of all nodes
 * @param subnet first three octets of the cluster's network
 * @param sshPort port of the host for SSH
 * @param registryPort port of the host for the registry; of no meaning where there is none
 * @param maxCpus processors of the place: a container's limit cannot be higher
 * @param maxMemory megabytes of the place
 */
public record RenderContext(
    ClusterSpec spec,
    Path directory,
    String project,
    String image,
    String subnet,
    int sshPort,
    int registryPort,
    int maxCpus,
    long maxMemory) {}
