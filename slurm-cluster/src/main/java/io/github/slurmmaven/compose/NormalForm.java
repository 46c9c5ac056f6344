/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.compose.Node.Kind;
import io.github.slurmmaven.compose.Node.Mapping;
import io.github.slurmmaven.compose.Node.Scalar;
import io.github.slurmmaven.compose.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Converts values with two notations in Compose to one, so that files can be merged and read. */
final class NormalForm {

  private static final Pattern PLAIN_NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*|(0|[1-9][0-9]{0,15})\\.[0-9]{0,5}[1-9])");

  private NormalForm() {}

  static Node of(Node node, Schema schema) {
    return switch (schema.path()) {
      case "services.*.environment", "services.*.labels", "networks.*.labels", "volumes.*.labels" ->
          assignments(node);
      case "services.*.networks", "services.*.depends_on" -> names(node);
      case "services.*.extra_hosts" -> hosts(node);
      case "services.*.dns", "services.*.tmpfs" ->
          node instanceof Scalar ? new Sequence(node.at(), List.of(node)) : node;
      default -> node;
    };
  }

  /** {@code [A=x, B]} as {@code {A: x, B: null}}. */
  private static Node assignments(Node node) {
    if (node instanceof Mapping mapping) {
      Map<String, Node> entries = new LinkedHashMap<>();
      mapping.entries().forEach((key, value) -> entries.put(key, text(value)));
      return new Mapping(mapping.at(), entries);
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    for (Node element : listOrMap(node)) {
      String[] parts = element.asString().split("=", 2);
      Node value =
          new Scalar(
              element.at(),
              parts.length == 2 ? parts[1] : "",
              parts.length == 2 ? Kind.STRING : Kind.NULL);
      if (entries.putIfAbsent(parts[0], value) != null) {
        throw element.at().mistake(parts[0], "is given twice in the list");
      }
    }
    return new Mapping(node.at(), entries);
  }

  private static List<Node> listOrMap(Node node) {
    if (node instanceof Sequence sequence) {
      return sequence.elements();
    }
    throw node.at().mistake("must be a list or a map, not " + node.described());
  }

  /** Returns a text, for which a map also accepts numbers and booleans. */
  private static Node text(Node node) {
    if (!(node instanceof Scalar scalar)) {
      throw node.at().mistake("must be a single value, not " + node.described());
    }
    return switch (scalar.kind()) {
      case STRING, NULL -> scalar;
      case BOOLEAN -> new Scalar(scalar.at(), scalar.text().toLowerCase(Locale.ROOT), Kind.STRING);
      case NUMBER, TIMESTAMP -> {
        if (!PLAIN_NUMBER.matcher(scalar.text()).matches()) {
          throw scalar
              .at()
              .mistake(
                  scalar.text(),
                  "is a number or date that YAML rewrites: put it in quotes to pass it as it is");
        }
        yield new Scalar(scalar.at(), scalar.text(), Kind.STRING);
      }
    };
  }

  /** {@code [a, b]} as {@code {a: null, b: null}}. */
  private static Node names(Node node) {
    if (node instanceof Mapping) {
      return node;
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    for (Node element : listOrMap(node)) {
      String name = element.asString();
      if (entries.putIfAbsent(name, new Scalar(element.at(), "", Kind.NULL)) != null) {
        throw element.at().mistake(name, "is given twice in the list");
      }
    }
    return new Mapping(node.at(), entries);
  }

  /** {@code {a: 1.2.3.4}} as {@code [a=1.2.3.4]}. */
  private static Node hosts(Node node) {
    if (!(node instanceof Mapping mapping)) {
      return node;
    }
    List<Node> elements = new ArrayList<>();
    mapping
        .entries()
        .forEach(
            (name, address) ->
                elements.add(
                    new Scalar(address.at(), name + "=" + address.asString(), Kind.STRING)));
    return new Sequence(mapping.at(), elements);
  }
}
