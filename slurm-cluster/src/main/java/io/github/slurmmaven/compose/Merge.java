/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.compose.Node.Mapping;
import io.github.slurmmaven.compose.Node.Scalar;
import io.github.slurmmaven.compose.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Merges a Compose file into another: maps by key, lists one after the other; other values are
 * replaced.
 *
 * @see <a href="https://github.com/compose-spec/compose-spec/blob/main/13-merge.md">Merge</a>
 */
final class Merge {

  private static final Set<String> REPLACED =
      Set.of("services.*.command", "services.*.entrypoint", "services.*.healthcheck.test");

  private Merge() {}

  static Mapping of(Mapping base, Mapping over) {
    return mappings(base, over, Schema.ROOT);
  }

  private static Node merge(Node base, Node over, Schema schema) {
    if (REPLACED.contains(schema.path()) || base.isNull()) {
      return over;
    }
    if (base instanceof Mapping b && over instanceof Mapping o) {
      return mappings(b, o, schema);
    }
    if (base instanceof Sequence b && over instanceof Sequence o) {
      List<Node> elements = new ArrayList<>(b.elements());
      elements.addAll(o.elements());
      return new Sequence(o.at(), elements);
    }
    if (base instanceof Scalar && over instanceof Scalar) {
      return over;
    }
    // A key without a value, as in "networks: {default: }", does not override a value.
    if (over.isNull()) {
      return base;
    }
    throw over.at()
        .mistake("is " + over.described() + " here but " + base.described() + " in " + base.at());
  }

  private static Mapping mappings(Mapping base, Mapping over, Schema schema) {
    Map<String, Node> entries = new LinkedHashMap<>(base.entries());
    over.entries()
        .forEach(
            (key, value) -> {
              Schema child = schema.child(key);
              if (child == null) {
                throw new IllegalStateException(key + " has passed the schema");
              }
              entries.merge(key, value, (b, o) -> merge(b, o, child));
            });
    return new Mapping(base.at(), entries);
  }
}
