/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.lang.reflect.RecordComponent;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lays one document over another. */
final class Documents {

  private Documents() {}

  /** What {@code over} says, and what {@code under} says where that is silent. */
  static ClusterDocument merge(ClusterDocument under, @Nullable ClusterDocument over) {
    if (over == null) {
      return under;
    }
    RecordComponent[] keys = ClusterDocument.class.getRecordComponents();
    Object[] values = new Object[keys.length];
    try {
      for (int i = 0; i < keys.length; i++) {
        Object said = keys[i].getAccessor().invoke(over);
        values[i] = said == null ? keys[i].getAccessor().invoke(under) : said;
      }
      return (ClusterDocument) ClusterDocument.class.getConstructors()[0].newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record lacks its accessors or constructor", e);
    }
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
