/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads one Compose file into a tree of supported keys, with variables replaced and every value in
 * its normal form. Only YAML's syntax tree is used, so a file cannot construct objects.
 */
final class YamlFile {

  private static final int MAX_DEPTH = 50;

  /** Far above any real project. Limits the growth of aliases of aliases. */
  private static final int MAX_NODES = 100_000;

  private static final Set<Tag> SCALAR_TAGS =
      Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP, Tag.MERGE);

  // As Compose's YAML library reads plain scalars: https://pkg.go.dev/gopkg.in/yaml.v3
  private static final Pattern NULL = Pattern.compile("~|null|Null|NULL|");
  private static final Pattern BOOLEAN = Pattern.compile("true|True|TRUE|false|False|FALSE");
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?(0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)"
              + "|[-+]?(\\.[0-9][0-9_]*|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
  private static final Pattern TIMESTAMP =
      Pattern.compile("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?");

  private final String file;
  private final MappingNode root;
  private int nodes;

  private YamlFile(String file, MappingNode root) {
    this.file = file;
    this.root = root;
  }

  static YamlFile parse(Path path) {
    String file = String.valueOf(path.getFileName());
    String text = TextFile.read(path);
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setMaxAliasesForCollections(MAX_NODES);
    try {
      org.yaml.snakeyaml.nodes.@Nullable Node node =
          new Yaml(options).compose(new StringReader(text));
      if (node instanceof MappingNode root) {
        return new YamlFile(file, root);
      }
      throw new UserMistakeException(
          file
              + (node == null ? " is empty" : " is not a map")
              + ": a Compose file is a map with the key services");
    } catch (MarkedYAMLException e) {
      @Nullable Mark mark = e.getProblemMark();
      throw new UserMistakeException(
          file
              + (mark == null
                  ? ""
                  : ", line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
              + " is not valid YAML: "
              + e.getProblem(),
          e);
    } catch (YAMLException e) {
      throw new UserMistakeException(file + " is not valid YAML: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the top-level {@code name}, which is read first because the other values can use it as
   * a variable.
   */
  Optional<Node> name(Interpolation interpolation) {
    Location at = new Location(file, 1, "");
    return Optional.ofNullable(tuples(root, at, 0).get("name"))
        .map(
            tuple ->
                convert(
                    tuple.getValueNode(),
                    at.child("name", line(tuple.getKeyNode())),
                    Schema.ROOT,
                    0,
                    interpolation));
  }

  Node.Mapping read(Interpolation interpolation) {
    nodes = 0;
    return convert(root, new Location(file, 1, ""), Schema.ROOT, 0, interpolation).asMapping();
  }

  private Node convert(
      org.yaml.snakeyaml.nodes.Node node,
      Location at,
      Schema schema,
      int depth,
      Interpolation interpolation) {
    if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
      throw at.mistake("is nested too deeply or repeats too much by aliases");
    }
    Node converted;
    if (node instanceof ScalarNode scalar) {
      converted = scalar(scalar, at, interpolation);
      if (converted.isNull()) {
        return converted;
      }
    } else if (node instanceof SequenceNode sequence && sequence.getTag().equals(Tag.SEQ)) {
      List<Node> elements = new ArrayList<>();
      for (org.yaml.snakeyaml.nodes.Node element : sequence.getValue()) {
        Location location = at.element(elements.size(), line(element));
        elements.add(convert(element, location, schema.element(), depth + 1, interpolation));
      }
      converted = new Node.Sequence(at, elements);
    } else if (node instanceof MappingNode mapping && mapping.getTag().equals(Tag.MAP)) {
      Map<String, Node> entries = new LinkedHashMap<>();
      for (Map.Entry<String, NodeTuple> entry : tuples(mapping, at, depth).entrySet()) {
        String key = entry.getKey();
        Location location = at.child(key, line(entry.getValue().getKeyNode()));
        if (schema.hasFixedKeys() && key.startsWith("x-")) {
          continue;
        }
        @Nullable Schema child = schema.child(key);
        if (child == null) {
          throw location.mistake(
              "is not supported by slurm-maven-plugin; remove it, or run this directory with"
                  + " 'docker compose up'");
        }
        Node value =
            convert(entry.getValue().getValueNode(), location, child, depth + 1, interpolation);
        if (schema.hasFixedKeys() && value.isNull()) {
          throw location.mistake("has no value: give it one, or remove the key");
        }
        entries.put(key, value);
      }
      converted = new Node.Mapping(at, entries);
    } else {
      throw unsupportedTag(node, at);
    }
    return NormalForm.of(converted, schema);
  }

  /**
   * Returns the entries of a map, and those merged into it by {@code <<}, which do not override.
   */
  private Map<String, NodeTuple> tuples(MappingNode mapping, Location at, int depth) {
    if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
      throw at.mistake("is nested too deeply or repeats too much by aliases");
    }
    Map<String, NodeTuple> own = new LinkedHashMap<>();
    Map<String, NodeTuple> merged = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw at.mistake("has a key that is not a single value");
      }
      if (key.getTag().equals(Tag.MERGE)) {
        Location location = at.child("<<", line(key));
        for (MappingNode source : mergeSources(tuple.getValueNode(), location)) {
          tuples(source, location, depth + 1).forEach(merged::putIfAbsent);
        }
        continue;
      }
      if (!SCALAR_TAGS.contains(key.getTag())) {
        throw unsupportedTag(key, at);
      }
      @Nullable NodeTuple first = own.putIfAbsent(key.getValue(), tuple);
      if (first != null) {
        throw at.child(key.getValue(), line(key))
            .mistake("is given twice; first in line " + line(first.getKeyNode()));
      }
    }
    if (merged.isEmpty()) {
      return own;
    }
    merged.putAll(own);
    return merged;
  }

  private static List<MappingNode> mergeSources(org.yaml.snakeyaml.nodes.Node value, Location at) {
    List<MappingNode> sources = new ArrayList<>();
    List<org.yaml.snakeyaml.nodes.Node> nodes =
        value instanceof SequenceNode sequence ? sequence.getValue() : List.of(value);
    for (org.yaml.snakeyaml.nodes.Node node : nodes) {
      if (!(node instanceof MappingNode mapping)) {
        throw at.mistake("must be an alias of a map, or a list of them");
      }
      sources.add(mapping);
    }
    return sources;
  }

  private static Node scalar(ScalarNode node, Location at, Interpolation interpolation) {
    if (!SCALAR_TAGS.contains(node.getTag())) {
      throw unsupportedTag(node, at);
    }
    String text = node.getValue();
    String expanded = interpolation.expand(text, at);
    boolean plain = node.getScalarStyle() == ScalarStyle.PLAIN && expanded.equals(text);
    return new Node.Scalar(at, expanded, plain ? kind(text) : Node.Kind.STRING);
  }

  private static Node.Kind kind(String plain) {
    if (NULL.matcher(plain).matches()) {
      return Node.Kind.NULL;
    }
    if (BOOLEAN.matcher(plain).matches()) {
      return Node.Kind.BOOLEAN;
    }
    if (NUMBER.matcher(plain).matches()) {
      return Node.Kind.NUMBER;
    }
    return TIMESTAMP.matcher(plain).matches() ? Node.Kind.TIMESTAMP : Node.Kind.STRING;
  }

  private static UserMistakeException unsupportedTag(
      org.yaml.snakeyaml.nodes.Node node, Location at) {
    return at.mistake(
        "has the YAML tag "
            + node.getTag().getValue()
            + ", which is not supported by slurm-maven-plugin; remove it");
  }

  private static int line(org.yaml.snakeyaml.nodes.Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
