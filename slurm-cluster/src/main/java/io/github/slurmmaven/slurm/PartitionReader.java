/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.util.List;
import java.util.regex.Pattern;

/** Reads partitions from {@code scontrol --oneliner show partition}. */
final class PartitionReader {

  private static final Pattern BEGIN = Pattern.compile("PartitionName=\\S+ ");

  private PartitionReader() {}

  static List<Partition> read(String answer) {
    return ScontrolRecord.split(answer, BEGIN).stream().map(PartitionReader::partition).toList();
  }

  private static Partition partition(ScontrolRecord record) {
    return new Partition(
        record.word("PartitionName").orElse(""),
        record.word("Default").orElse("NO").equals("YES"),
        record.word("State").orElse("DOWN"),
        record.word("Nodes").orElse(""),
        (int) record.number("TotalNodes"),
        (int) record.number("TotalCPUs"),
        record.word("MaxTime").orElse("UNLIMITED"));
  }
}
