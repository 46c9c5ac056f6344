/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.common.Sha256;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The digest of a service: of its components by name, without empty and false ones, so that a
 * component that is added later does not change the digest of services that do not use it.
 */
final class Digest {

  private static final Set<Object> NOTHING =
      Set.of(
          false,
          List.of(),
          Map.of(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalLong.empty(),
          OptionalDouble.empty());

  private Digest() {}

  /**
   * @param instead replacements of components, by name
   */
  static String of(ComposeService service, Map<String, Map<String, String>> instead) {
    Map<String, Object> content = components(service);
    content.putAll(instead);
    content.values().removeIf(NOTHING::contains);
    StringBuilder text = new StringBuilder();
    append(content, text);
    return Sha256.of(text.toString());
  }

  private static Map<String, Object> components(Record value) {
    Map<String, Object> components = new TreeMap<>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        Object content = component.getAccessor().invoke(value);
        if (content != null) {
          components.put(component.getName(), content);
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    components.values().removeIf(NOTHING::contains);
    return components;
  }

  private static void append(Object value, StringBuilder text) {
    if (value instanceof Record nested) {
      append(components(nested), text);
    } else if (value instanceof Optional<?> optional && optional.isPresent()) {
      text.append('?');
      append(optional.get(), text);
    } else if (value instanceof Map<?, ?> map) {
      text.append('{');
      new TreeMap<>(map)
          .forEach(
              (key, content) -> {
                append(key, text);
                append(content, text);
              });
      text.append('}');
    } else if (value instanceof Collection<?> collection) {
      text.append('[');
      collection.forEach(element -> append(element, text));
      text.append(']');
    } else {
      String scalar = value.toString();
      // The length comes first, so that no content can imitate structure.
      text.append(scalar.length()).append(':').append(scalar);
    }
  }
}
