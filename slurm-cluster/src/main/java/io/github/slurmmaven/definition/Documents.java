/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads documents key by key, and merges them. */
final class Documents {

  private static final List<RecordComponent> KEYS =
      List.of(ClusterDocument.class.getRecordComponents());

  private Documents() {}

  /**
   * Returns the values of {@code over}, and those of {@code under} that {@code over} does not have.
   */
  static ClusterDocument merge(ClusterDocument under, @Nullable ClusterDocument over) {
    if (over == null) {
      return under;
    }
    Map<String, Object> said = new HashMap<>(values(under));
    said.putAll(values(over));
    return of(said);
  }

  /** Returns the document with these values by key. */
  static ClusterDocument of(Map<String, ?> said) {
    Set<String> unknown = new TreeSet<>(said.keySet());
    KEYS.forEach(key -> unknown.remove(key.getName()));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("A document has no keys " + unknown);
    }
    Object[] values = KEYS.stream().map(key -> said.get(key.getName())).toArray();
    try {
      return (ClusterDocument) ClusterDocument.class.getConstructors()[0].newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record lacks its constructor", e);
    }
  }

  /** Returns the values of a document by key. */
  static Map<String, Object> values(ClusterDocument document) {
    Map<String, Object> values = new LinkedHashMap<>();
    try {
      for (RecordComponent key : KEYS) {
        Object value = key.getAccessor().invoke(document);
        if (value != null) {
          values.put(key.getName(), value);
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record lacks its accessors", e);
    }
    return values;
  }

  /** Returns the origin of the parts of a merged document. */
  static Origin merge(Origin under, @Nullable ClusterDocument over, Origin originOfOver) {
    if (over == null) {
      return under;
    }
    Set<String> said = over.keys();
    return path -> (said.contains(firstKey(path)) ? originOfOver : under).of(path);
  }

  private static String firstKey(String path) {
    return path.split("[.\\[]", 2)[0];
  }
}
