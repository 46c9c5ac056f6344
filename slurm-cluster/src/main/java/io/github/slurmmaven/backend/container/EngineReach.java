/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.engine.EngineInfo;

/**
 * Which addresses of an engine's machine this machine reaches.
 *
 * @param info the engine
 */
record EngineReach(EngineInfo info) {

  /** A tunnel from this machine ends at the other one's loopback interface; nothing else does. */
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
