/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.compose.ComposeService.HealthCheck;
import io.github.slurmmaven.compose.Node.Mapping;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Reads the health check of a service. */
final class HealthCheckReader {

  private HealthCheckReader() {}

  static HealthCheck read(Mapping node) {
    boolean disabled = node.flag("disable");
    List<String> test = node.get("test").map(HealthCheckReader::test).orElse(List.of());
    return new HealthCheck(
        disabled ? List.of("NONE") : test,
        node.get("interval").map(Values::duration),
        node.get("timeout").map(Values::duration),
        node.get("retries")
            .map(retries -> OptionalInt.of(Values.integer(retries, 0, Integer.MAX_VALUE)))
            .orElse(OptionalInt.empty()),
        node.get("start_period").map(Values::duration));
  }

  private static List<String> test(Node node) {
    if (!(node instanceof Node.Sequence)) {
      return List.of("CMD-SHELL", node.asString());
    }
    List<String> test = Values.strings(node);
    if (!test.isEmpty() && !Set.of("NONE", "CMD", "CMD-SHELL").contains(test.get(0))) {
      throw node.at()
          .mistake(test.get(0), "cannot begin the list: begin it with CMD, CMD-SHELL or NONE");
    }
    return test;
  }
}
