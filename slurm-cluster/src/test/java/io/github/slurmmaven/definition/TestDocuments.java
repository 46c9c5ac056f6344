/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Map;
import java.util.stream.Stream;

/** Documents of which a test names only the keys that it is about. */
public final class TestDocuments {

  private TestDocuments() {}

  /**
   * A document that says no more than these.
   *
   * @param values by the names of the record's components
   */
  public static ClusterDocument of(Map<String, ?> values) {
    Object[] all =
        Stream.of(ClusterDocument.class.getRecordComponents())
            .map(component -> values.get(component.getName()))
            .toArray();
    try {
      return (ClusterDocument) ClusterDocument.class.getConstructors()[0].newInstance(all);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no document of " + values, e);
    }
  }
}
