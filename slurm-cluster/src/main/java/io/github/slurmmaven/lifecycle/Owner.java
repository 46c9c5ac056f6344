/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;

/**
 * Who answers for a cluster: a build, which takes it down when it ends, or a person, who destroys
 * it when done with it.
 *
 * @param value what the owner label says: {@code hand}, or {@code build:<pid>:<start of the process
 *     in milliseconds since 1970>:<host>}
 */
public record Owner(String value) {

  /** A person at a terminal. */
  public static Owner byHand() {
    return new Owner("hand");
  }

  /** The build that runs in this process. */
  public static Owner thisBuild() {
    ProcessHandle self = ProcessHandle.current();
    long start = self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return new Owner("build:" + self.pid() + ":" + start + ":" + localHost());
  }

  public boolean isBuild() {
    return value.startsWith("build:");
  }

  private static String localHost() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
