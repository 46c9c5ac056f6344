/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;

/** The network addresses of this machine, or of the container in which this process runs. */
public final class LocalAddresses {

  private static final Path ROUTES = Path.of("/proc/net/route");
  private static final String DEFAULT_ROUTE = "00000000";

  private LocalAddresses() {}

  /** Whether ports can be bound there: on an address of this machine, or on all of them. */
  public static boolean has(String address) {
    try {
      InetAddress asked = InetAddress.getByName(address);
      return asked.isAnyLocalAddress()
          || asked.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(asked) != null;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the gateway of the default route; in a container, that is the machine that runs it. */
  public static Optional<String> gateway() {
    try (Stream<String> routes = Files.lines(ROUTES)) {
      return gateway(routes);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * @param routes lines of /proc/net/route: interface, destination and gateway, the last two as
   *     little-endian hexadecimal
   */
  static Optional<String> gateway(Stream<String> routes) {
    return routes
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields.length > 2 && fields[1].equals(DEFAULT_ROUTE))
        .map(fields -> fields[2])
        .filter(gateway -> !gateway.equals(DEFAULT_ROUTE))
        .findFirst()
        .map(
            gateway -> {
              byte[] bytes = HexFormat.of().parseHex(gateway);
              return "%d.%d.%d.%d"
                  .formatted(bytes[3] & 255, bytes[2] & 255, bytes[1] & 255, bytes[0] & 255);
            });
  }
}
