/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.compose.ComposeService.NetworkAttachment;
import io.github.slurmmaven.compose.Node.Mapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the networks that a service joins, and its extra hosts. */
final class NetworkReader {

  private final Map<String, ComposeNetwork> networks;

  /**
   * @param networks the project's networks by key
   */
  NetworkReader(Map<String, ComposeNetwork> networks) {
    this.networks = networks;
  }

  List<NetworkAttachment> attachments(Mapping service) {
    Map<String, Node> joined = service.map("networks");
    if (joined.isEmpty()) {
      joined = Map.of("default", Mapping.empty(service.at()));
    }
    List<NetworkAttachment> attachments = new ArrayList<>();
    joined.forEach((key, node) -> attachments.add(attachment(key, node)));
    return attachments;
  }

  private NetworkAttachment attachment(String key, Node node) {
    ComposeNetwork network = networks.get(key);
    if (network == null) {
      throw node.at()
          .mistake(
              key,
              "is not a network of this project: add it under the top-level networks"
                  + ServiceReader.have(networks.keySet()));
    }
    Mapping mapping = node.isNull() ? Mapping.empty(node.at()) : node.asMapping();
    return new NetworkAttachment(
        network.name(),
        mapping.get("aliases").map(Values::distinctStrings).orElse(List.of()),
        mapping.get("ipv4_address").map(address -> fixedAddress(network, address)));
  }

  private static String fixedAddress(ComposeNetwork network, Node node) {
    String address = node.asString();
    if (!Values.isIpv4(address)) {
      throw node.at().mistake(address, "is not an IPv4 address");
    }
    if (!network.external()) {
      String subnet =
          network
              .subnet()
              .orElseThrow(
                  () ->
                      node.at()
                          .mistake(
                              address,
                              "needs a subnet: set networks."
                                  + network.key()
                                  + ".ipam.config[0].subnet"));
      if (!Values.contains(subnet, address)) {
        throw node.at().mistake(address, "is not in the network's subnet " + subnet);
      }
    }
    return address;
  }

  static Map<String, String> extraHosts(Mapping service) {
    Map<String, String> hosts = new LinkedHashMap<>();
    for (Node node : service.list("extra_hosts")) {
      String text = node.asString();
      String[] parts = text.split(text.contains("=") ? "=" : ":", 2);
      if (parts.length < 2 || parts[0].isEmpty()) {
        throw node.at().mistake(text, "is not a line for /etc/hosts: use name=address");
      }
      String address = parts[1].replaceAll("^\\[(.*)]$", "$1");
      if (!address.equals(ComposeService.HOST_GATEWAY)) {
        Values.address(node, address);
      }
      String before = hosts.putIfAbsent(parts[0], address);
      if (before != null && !before.equals(address)) {
        throw node.at()
            .mistake(text, "gives " + parts[0] + " a second address after " + before + ": use one");
      }
    }
    return hosts;
  }
}
