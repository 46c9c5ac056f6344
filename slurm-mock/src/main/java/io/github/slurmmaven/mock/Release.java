/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A release of Slurm that is mocked, as Debian packages it. */
enum Release {
  V22_05("22.05", "22.05.8"),
  V24_11("24.11", "24.11.5");

  private final String line;
  private final String version;

  Release(String line, String version) {
    this.line = line;
    this.version = version;
  }

  static Release of(String line) {
    return Arrays.stream(values())
        .filter(each -> each.line.equals(line))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidParameterException(
                    "slurmVersion",
                    line,
                    "is not mocked: use one of "
                        + Arrays.stream(values())
                            .map(Release::line)
                            .collect(Collectors.joining(", "))));
  }

  /** For example 24.11. */
  String line() {
    return line;
  }

  /** For example 24.11.5. */
  String version() {
    return version;
  }

  boolean isNew() {
    return this == V24_11;
  }
}
