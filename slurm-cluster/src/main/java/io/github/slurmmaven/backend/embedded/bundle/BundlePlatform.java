/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import io.github.slurmmaven.client.UserMistakeException;
import java.util.Map;

/**
 * The platform on which Slurm runs: any Linux, with any C library, because the bundle contains its
 * own.
 *
 * @param operatingSystem as Java calls it, for example {@code Linux} or {@code Mac OS X}
 * @param processor as Java calls it, for example {@code amd64}
 */
public record BundlePlatform(String operatingSystem, String processor) {

  /** The kernel's names of processors, by Java's. */
  private static final Map<String, String> PROCESSORS =
      Map.of("amd64", "x86_64", "x86_64", "x86_64", "aarch64", "aarch64", "arm64", "aarch64");

  /** The platform of this process. */
  public static BundlePlatform system() {
    return new BundlePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /** Whether Slurm's programs run on this operating system. */
  public boolean isSupported() {
    return operatingSystem.equals("Linux");
  }

  /**
   * The name in a bundle's file name, for example {@code linux-x86_64}.
   *
   * @throws UserMistakeException when Slurm cannot run here at all
   */
  public String name() {
    if (!isSupported()) {
      throw new UserMistakeException(
          "Slurm's programs run on Linux only, not on %s (%s). %s"
              .formatted(operatingSystem, processor, Advice.USE_DOCKER));
    }
    return "linux-" + PROCESSORS.getOrDefault(processor, processor);
  }
}
