/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.engine.EngineInfo;

/**
 * The addresses of an engine's machine that this machine can reach.
 *
 * @param info the engine
 */
record EngineReach(EngineInfo info) {

  /**
   * Whether an address can be reached. The loopback interface of another machine can be reached
   * only through a tunnel.
   */
  boolean isReached(String address) {
    return info.isLocal() || !isLoopback(address) || isLoopback(info.host());
  }

  static boolean isLoopback(String address) {
    return address.startsWith("127.");
  }

  static boolean isEverywhere(String address) {
    return address.isEmpty() || address.equals("0.0.0.0") || address.equals("::");
  }
}
