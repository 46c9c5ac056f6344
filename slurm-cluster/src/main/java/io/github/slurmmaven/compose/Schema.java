/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link SupportedKeys} as a tree. */
final class Schema {

  /** Below a key whose value is read as a whole. */
  private static final Schema FREE = new Schema("*");

  static final Schema ROOT = new Schema("");

  static {
    for (SupportedKeys.Key key : SupportedKeys.all()) {
      Schema schema = ROOT;
      for (String segment : key.path().split("\\.", -1)) {
        String name = segment.replace("[]", "");
        schema = schema.add(name);
        if (!name.equals(segment)) {
          schema = schema.add("[]");
        }
      }
    }
  }

  private final String path;
  private final Map<String, Schema> children = new HashMap<>();

  private Schema(String path) {
    this.path = path;
  }

  private Schema add(String name) {
    return children.computeIfAbsent(
        name, n -> new Schema(n.equals("[]") ? path + n : path.isEmpty() ? n : path + "." + n));
  }

  /** Returns the path in the notation of {@link SupportedKeys}. */
  String path() {
    return path;
  }

  /** Whether a map here may only have keys of the specification and {@code x-…}. */
  boolean hasFixedKeys() {
    return children.keySet().stream().anyMatch(name -> !name.equals("*") && !name.equals("[]"));
  }

  /** Returns the schema below a key of a map here; null if the key is not supported. */
  @Nullable Schema child(String key) {
    Schema child = children.get(key);
    if (child != null || hasFixedKeys()) {
      return child;
    }
    return children.getOrDefault("*", FREE);
  }

  Schema element() {
    return children.getOrDefault("[]", FREE);
  }
}
