/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** A release of Slurm that is mocked, as Debian packages it. */
public enum Release {
  V22_05("22.05", "22.05.8"),
  V24_11("24.11", "24.11.5");

  private static final Map<Integer, String> SIGNALS =
      Map.of(
          1, "Hangup",
          2, "Interrupt",
          3, "Quit",
          6, "Aborted",
          9, "Killed",
          11, "Segmentation_fault",
          15, "Terminated",
          53, "Real-time_signal_19");

  private final String line;
  private final String version;

  Release(String line, String version) {
    this.line = line;
    this.version = version;
  }

  public static Release of(String line) {
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
  public String line() {
    return line;
  }

  /** For example 24.11.5. */
  public String version() {
    return version;
  }

  /** The reason of a job that a signal has ended. */
  String signalReason(int signal) {
    return isNew()
        ? "RaisedSignal:%d(%s)"
            .formatted(signal, SIGNALS.getOrDefault(signal, "Unknown_signal_" + signal))
        : "JobLaunchFailure";
  }

  public boolean isNew() {
    return this == V24_11;
  }
}
