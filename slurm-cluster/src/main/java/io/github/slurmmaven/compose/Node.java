/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A YAML value that knows where it was read; variables are interpolated, aliases resolved. */
sealed interface Node {

  Location at();

  /** Returns a description for a message. */
  String described();

  default boolean isNull() {
    return this instanceof Scalar scalar && scalar.kind() == Kind.NULL;
  }

  default Mapping asMapping() {
    if (this instanceof Mapping mapping) {
      return mapping;
    }
    throw mustBe("a map");
  }

  default List<Node> asList() {
    if (this instanceof Sequence sequence) {
      return sequence.elements();
    }
    throw mustBe("a list");
  }

  /** Returns a scalar as it is written, for values with a syntax of their own. */
  default String asWritten() {
    if (this instanceof Scalar scalar && scalar.kind() != Kind.NULL) {
      return scalar.text();
    }
    throw mustBe("a single value");
  }

  default String asString() {
    if (this instanceof Scalar scalar) {
      switch (scalar.kind()) {
        case STRING -> {
          return scalar.text();
        }
        case NULL -> {}
        default -> throw at().mistake(scalar.text(), "is not a string: put it in quotes");
      }
    }
    throw mustBe("a string");
  }

  private RuntimeException mustBe(String what) {
    return at().mistake("must be " + what + ", not " + described());
  }

  /** The YAML type of a scalar. A scalar that is quoted, or had a variable, is a string. */
  enum Kind {
    STRING,
    NUMBER,
    BOOLEAN,
    TIMESTAMP,
    NULL
  }

  /** A single value, as text. */
  record Scalar(Location at, String text, Kind kind) implements Node {
    @Override
    public String described() {
      return kind == Kind.NULL ? "empty" : "'" + text + "'";
    }
  }

  /** A list. */
  record Sequence(Location at, List<Node> elements) implements Node {
    @Override
    public String described() {
      return "a list";
    }
  }

  /** A map, in the order of the file. */
  record Mapping(Location at, Map<String, Node> entries) implements Node {

    static Mapping empty(Location at) {
      return new Mapping(at, new LinkedHashMap<>());
    }

    Optional<Node> get(String key) {
      return Optional.ofNullable(entries.get(key));
    }

    /** Returns a required value. */
    Node required(String key) {
      return get(key).orElseThrow(() -> at.mistake("has no " + key));
    }

    /** Returns a boolean value; false if it is absent. */
    boolean flag(String key) {
      return get(key).map(Values::bool).orElse(false);
    }

    /** Returns the elements of a list; empty if it is absent. */
    List<Node> list(String key) {
      return get(key).map(Node::asList).orElse(List.of());
    }

    /** Returns the entries of a map; empty if it is absent. */
    Map<String, Node> map(String key) {
      return get(key).map(node -> node.asMapping().entries()).orElse(Map.of());
    }

    @Override
    public String described() {
      return "a map";
    }
  }
}
