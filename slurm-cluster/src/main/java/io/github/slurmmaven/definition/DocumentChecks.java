/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Refuses invalid values of a document, naming place and path.
 *
 * @param origin the document's origin
 */
record DocumentChecks(Origin origin) {

  /** Returns the exception for a value. */
  UserMistakeException mistake(String path, Object value, String problem) {
    return new UserMistakeException(origin.of(path) + ": " + Quoted.of(value) + " " + problem);
  }

  /** Returns a required value. */
  <T> T present(String path, @Nullable T value) {
    if (value == null) {
      throw new UserMistakeException(origin.of(path) + " is missing");
    }
    return value;
  }

  /** Returns a list that must not be empty. */
  <T> List<T> notEmpty(String path, @Nullable List<T> values) {
    if (values == null || values.isEmpty()) {
      throw new UserMistakeException(origin.of(path) + " is empty: at least one is needed");
    }
    return values;
  }

  /** Reads each element of a list, with its path. */
  <T, R> List<R> each(String path, @Nullable List<T> values, BiFunction<String, T, R> convert) {
    List<R> results = new ArrayList<>();
    List<T> given = values == null ? List.of() : values;
    for (int i = 0; i < given.size(); i++) {
      String element = path + "[" + i + "]";
      results.add(convert.apply(element, present(element, given.get(i))));
    }
    return results;
  }

  /** Refuses a duplicate value. */
  <T> void unique(String path, T value, Collection<T> others) {
    if (others.contains(value)) {
      throw mistake(path, value, "is there twice: use it once");
    }
  }

  /** Refuses a count other than one. */
  void exactlyOne(String path, long count, String what) {
    if (count != 1) {
      throw new UserMistakeException(
          origin.of(path) + " has " + count + " of a " + what + ": exactly one is needed");
    }
  }

  /** Refuses a name that is not among the given ones. */
  void known(String path, String name, Collection<String> names, String what) {
    if (!names.contains(name)) {
      throw mistake(
          path,
          name,
          "is not %s %s of this cluster: use %s"
              .formatted(what.startsWith("a") ? "an" : "a", what, String.join(", ", names)));
    }
  }

  /** Runs a check of a parameter, and turns its exception into one of this document. */
  <T> T check(Supplier<T> check) {
    try {
      return check.get();
    } catch (InvalidParameterException e) {
      throw new UserMistakeException(
          origin.of(e.parameter()) + ": " + Quoted.of(e.value()) + " " + e.problem(), e);
    }
  }
}
