/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.SlurmClusterException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Chooses a cluster's network among the 512 of 198.18.0.0/15: reserved by RFC 2544 for tests of
 * network devices, so that no office, home, cloud or engine default uses it.
 */
final class Subnets {

  private static final int FIRST = 198 << 24 | 18 << 16;
  private static final int COUNT = 512;
  private static final int SIZE_BITS = 8;

  private Subnets() {}

  /**
   * Returns the first three octets of a free network. The search begins at a place that depends on
   * the cluster, so builds that start at the same time rarely choose the same.
   *
   * @param taken networks in CIDR form
   */
  static String choose(ClusterId id, Collection<String> taken) {
    int begin = Math.floorMod(id.hashCode(), COUNT);
    for (int i = 0; i < COUNT; i++) {
      int network = FIRST + ((begin + i) % COUNT << SIZE_BITS);
      String octets = (network >>> 24) + "." + (network >>> 16 & 255) + "." + (network >>> 8 & 255);
      if (isFree(octets, taken)) {
        return octets;
      }
    }
    throw new SlurmClusterException(
        "No free network is left in 198.18.0.0/15: remove clusters or networks that are no longer"
            + " used");
  }

  static boolean isFree(String octets, Collection<String> taken) {
    Range range = Range.of(octets + ".0/24");
    return taken.stream()
        .filter(cidr -> !cidr.contains(":"))
        .map(Range::of)
        .noneMatch(range::overlaps);
  }

  /** Returns the networks of this machine's addresses. */
  static List<String> ofThisMachine() {
    List<String> networks = new ArrayList<>();
    try {
      for (NetworkInterface card : NetworkInterface.networkInterfaces().toList()) {
        for (InterfaceAddress address : card.getInterfaceAddresses()) {
          networks.add(
              address.getAddress().getHostAddress() + "/" + address.getNetworkPrefixLength());
        }
      }
    } catch (SocketException e) {
      throw new SlurmClusterException("The network interfaces of this machine cannot be listed", e);
    }
    return networks;
  }

  private record Range(int first, int last) {

    static Range of(String cidr) {
      String[] parts = cidr.split("/", -1);
      int address = 0;
      for (String octet : parts[0].split("\\.", -1)) {
        address = address << 8 | Integer.parseInt(octet);
      }
      int hostBits = 32 - (parts.length > 1 ? Integer.parseInt(parts[1]) : 32);
      int mask = hostBits == 32 ? 0 : -1 << hostBits;
      return new Range(address & mask, address | ~mask);
    }

    boolean overlaps(Range other) {
      return Integer.compareUnsigned(first, other.last) <= 0
          && Integer.compareUnsigned(other.first, last) <= 0;
    }
  }
}
