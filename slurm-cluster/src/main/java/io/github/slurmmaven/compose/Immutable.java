/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@link Map#copyOf} does not do: an unmodifiable copy that keeps the order of the file. */
final class Immutable {

  private Immutable() {}

  static <V> Map<String, V> copyOf(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
