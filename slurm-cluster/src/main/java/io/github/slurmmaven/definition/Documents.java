/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads documents key by key, and lays one over another. */
final class Documents {

  private Documents() {}

  /** What {@code over} says, and what {@code under} says where that is silent. */
  static ClusterDocument merge(ClusterDocument under, @Nullable ClusterDocument over) {
    if (over == null) {
      return under;
    }
    List<Optional<Object>> below = values(under);
    List<Optional<Object>> above = values(over);
    Object[] values = new Object[below.size()];
    for (int i = 0; i < values.length; i++) {
      Optional<Object> said = above.get(i).isPresent() ? above.get(i) : below.get(i);
      values[i] = said.orElse(null);
    }
    try {
      return (ClusterDocument) ClusterDocument.class.getConstructors()[0].newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record lacks its constructor", e);
    }
  }

  /** What a document says for each of its keys, in the order of the constructor. */
  static List<Optional<Object>> values(ClusterDocument document) {
    List<Optional<Object>> values = new ArrayList<>();
    try {
      for (RecordComponent key : ClusterDocument.class.getRecordComponents()) {
        values.add(Optional.ofNullable(key.getAccessor().invoke(document)));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record lacks its accessors", e);
    }
    return values;
  }

  /** Where the parts of a merged document come from. */
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
