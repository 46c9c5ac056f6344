/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

/**
 * Properties of an engine and its machine.
 *
 * @param name product and version, for example {@code Docker Engine 20.10.24}
 * @param apiVersion the API version in use, for example {@code 1.41}
 * @param address its address and the reason for that address, for example {@code
 *     unix:///var/run/docker.sock (default socket)}
 * @param host host on which published ports are reached: {@code 127.0.0.1} for a local engine
 * @param architecture of its processors, by Debian's name: {@code amd64}, {@code arm64}
 * @param cpus processors
 * @param memory bytes
 */
public record EngineInfo(
    String name,
    String apiVersion,
    String address,
    String host,
    String architecture,
    int cpus,
    long memory) {

  /** Whether it runs on this machine, whose ports and files it then shares. */
  public boolean isLocal() {
    return host.equals("127.0.0.1");
  }
}
