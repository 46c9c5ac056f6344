/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads nodes from {@code scontrol --details --oneliner show node}. Without the details, Slurm does
 * not print which GPUs are in use.
 */
public final class NodeReader {

  private static final Pattern BEGIN = Pattern.compile("NodeName=\\S+ ");

  /** The last field without blanks; texts of users come after it. */
  private static final Pattern REASON =
      Pattern.compile(
          ".*? CfgTRES=.*?\\sReason=(?<text>.*?)(?: \\[(?<user>[^\\s@\\]]+)@(?<since>[^\\]]+)])?"
              + "(?:\\s+(?:Comment|Extra|ExtSensors\\w+|InstanceId|InstanceType)=.*)?",
          Pattern.DOTALL);

  /** {@code gpu:2}, {@code gpu:a100:2(S:0)}, {@code gpu:a100:1(IDX:0-1,3)}. */
  private static final Pattern GPU =
      Pattern.compile("(?:^|,)gpu(?::(?<type>[^:,()]+))?:(?<count>\\d+)");

  private NodeReader() {}

  public static List<Node> read(String answer) {
    return ScontrolRecord.split(answer, BEGIN).stream().map(NodeReader::node).toList();
  }

  private static Node node(ScontrolRecord record) {
    return new Node(
        record.word("NodeName").orElse(""),
        NodeState.of(record.word("State").orElse("UNKNOWN")),
        (int) record.number("CPUTot"),
        (int) record.number("CPUAlloc"),
        record.number("RealMemory"),
        record.number("AllocMem"),
        gpus(record.word("Gres").orElse("")),
        used(gpus(record.word("GresUsed").orElse(""))),
        record.word("Partitions").map(text -> Arrays.asList(text.split(","))).orElse(List.of()),
        reason(record),
        record.word("Version"));
  }

  /** Returns the number of GPUs of all types in a list of GRES. */
  static long gpuCount(String gres) {
    return gpus(gres).values().stream().mapToLong(Integer::longValue).sum();
  }

  private static Map<String, Integer> gpus(String gres) {
    Map<String, Integer> gpus = new LinkedHashMap<>();
    Matcher gpu = GPU.matcher(gres);
    while (gpu.find()) {
      String type = gpu.group("type");
      gpus.merge(type == null ? "gpu" : type, Integer.parseInt(gpu.group("count")), Integer::sum);
    }
    return gpus;
  }

  private static Map<String, Integer> used(Map<String, Integer> gpus) {
    gpus.values().removeIf(count -> count == 0);
    return gpus;
  }

  private static Optional<Node.Reason> reason(ScontrolRecord record) {
    Matcher reason = REASON.matcher(record.toString());
    if (!reason.matches()) {
      return Optional.empty();
    }
    return ScontrolRecord.something(reason.group("text").strip())
        .map(
            text ->
                new Node.Reason(
                    text,
                    Optional.ofNullable(reason.group("user")),
                    Optional.ofNullable(reason.group("since")).flatMap(ScontrolRecord::instant)));
  }
}
