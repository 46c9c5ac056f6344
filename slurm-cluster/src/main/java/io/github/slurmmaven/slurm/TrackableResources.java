/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.SlurmClusterException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Slurm's trackable resources (TRES), for example {@code cpu=2,mem=4G,node=1,gres/gpu=1}.
 *
 * @param cpus processors
 * @param memory megabytes
 * @param gpus GPUs
 */
record TrackableResources(long cpus, long memory, long gpus) {

  private static final Pattern FIELD =
      Pattern.compile("(?:^|,)(cpu|mem|gres/gpu)=(\\d+(?:\\.\\d+)?)([KMGTP]?)(?=,|$)");

  private static final String UNITS = "KMGTP";

  /** The unit of a number without one, in the output of scontrol and sacct. */
  private static final String DEFAULT_UNIT = "M";

  static final TrackableResources NONE = new TrackableResources(0, 0, 0);

  /** Reads a list. A resource that it does not have is 0. */
  static TrackableResources of(String list) {
    TrackableResources read = NONE;
    Matcher field = FIELD.matcher(list);
    while (field.find()) {
      double number = Double.parseDouble(field.group(2));
      read =
          switch (field.group(1)) {
            case "cpu" -> new TrackableResources(Math.round(number), read.memory, read.gpus);
            case "mem" ->
                new TrackableResources(read.cpus, megabytes(number, field.group(3)), read.gpus);
            case "gres/gpu" -> new TrackableResources(read.cpus, read.memory, Math.round(number));
            default -> throw new SlurmClusterException("unknown resource in " + list);
          };
    }
    return read;
  }

  /** Reads the allocated resources of a job or, if there are none yet, the requested ones. */
  static TrackableResources of(Optional<String> allocated, Optional<String> requested) {
    return allocated.or(() -> requested).map(TrackableResources::of).orElse(NONE);
  }

  /** Returns a copy with this number of GPUs, if it has none. */
  TrackableResources withGpus(long number) {
    return gpus > 0 ? this : new TrackableResources(cpus, memory, number);
  }

  private static long megabytes(double number, String unit) {
    int power = UNITS.indexOf(unit.isEmpty() ? DEFAULT_UNIT : unit) - UNITS.indexOf(DEFAULT_UNIT);
    return Math.round(number * Math.pow(1024, power));
  }
}
