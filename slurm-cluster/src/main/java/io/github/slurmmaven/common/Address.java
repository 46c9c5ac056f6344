/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

/**
 * A server's address as seen from this machine.
 *
 * @param host name or IP address
 * @param port port
 */
public record Address(String host, int port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
