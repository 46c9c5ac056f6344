/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.PyxisDefinition.Helpers;
import java.util.ArrayList;
import java.util.List;

/**
 * The privileges that are taken from a node's container. SECURITY.md lists those that are left, and
 * why.
 *
 * @param dropped the capabilities that are dropped
 * @param gainable whether programs may gain privileges that their caller lacks, as setuid programs
 *     do
 */
record Privileges(List<String> dropped, boolean gainable) {

  Privileges {
    dropped = List.copyOf(dropped);
  }

  static Privileges of(ClusterDefinition definition, NodeDefinition node) {
    boolean containers = definition.pyxis().isPresent() && node.role().runsJobs();
    // enroot's own helpers have file capabilities, with which they mount and make devices.
    boolean helpers =
        containers
            && definition.pyxis().filter(pyxis -> pyxis.helpers() == Helpers.STOCK).isPresent();
    List<String> dropped = new ArrayList<>();
    if (!node.role().runsController()) {
      dropped.add("AUDIT_WRITE");
    }
    dropped.add("FSETID");
    if (!helpers) {
      dropped.add("MKNOD");
    }
    if (!node.role().runsController()) {
      dropped.add("NET_BIND_SERVICE");
    }
    dropped.add("NET_RAW");
    dropped.add("SETFCAP");
    if (!node.role().runsJobs()) {
      dropped.add("SETPCAP");
    }
    // With this capability, the seccomp profile allows chroot in any user namespace.
    if (!node.role().runsController() && !containers) {
      dropped.add("SYS_CHROOT");
    }
    return new Privileges(dropped, helpers);
  }
}
