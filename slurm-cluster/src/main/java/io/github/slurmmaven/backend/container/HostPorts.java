/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The ports of this machine. */
final class HostPorts {

  private static final int LAST = 65535;

  private HostPorts() {}

  static boolean isFree(String address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As the engine's proxy does; without it, a port in TIME_WAIT would look taken.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static int anyFree(String address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new io.github.slurmmaven.report.InvalidParameterException(
          "bindAddress", address, "cannot be bound on this machine: " + e.getMessage());
    }
  }

  /** The first free port from {@code port} on, or any free one when there is none. */
  static int freeFrom(String address, int port) {
    for (int candidate = port; candidate <= LAST; candidate++) {
      if (isFree(address, candidate)) {
        return candidate;
      }
    }
    return anyFree(address);
  }
}
