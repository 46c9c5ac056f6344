/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.spec.NodeSpec.Role;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as it is written in YAML: what {@code cluster.yaml} and the presets share. Everything
 * may be absent here; {@link #toSpec} says what must not.
 */
record ClusterDocument(
    @Nullable String name,
    @Nullable String preset,
    @Nullable String slurmVersion,
    @Nullable List<Node> nodes,
    @Nullable List<Partition> partitions,
    @Nullable Ssh ssh,
    @Nullable String image) {

  record Node(
      @Nullable String name,
      @Nullable String role,
      @Nullable Integer cpus,
      @Nullable Integer memory,
      @Nullable List<String> partitions) {}

  record Partition(
      @Nullable String name,
      @com.fasterxml.jackson.annotation.JsonProperty("default") @Nullable Boolean isDefault,
      @Nullable String maxTime,
      @Nullable List<String> nodes) {}

  record Ssh(
      @Nullable Integer port, @Nullable String bindAddress, @Nullable Boolean passwordLogin) {}

  /** YAML 1.1 readers take {@code 1:00:00} for a number of base 60. */
  private static final class ColonQuotingChecker extends StringQuotingChecker.Default {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean needToQuoteValue(String value) {
      return value.indexOf(':') >= 0 || super.needToQuoteValue(value);
    }
  }

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .stringQuotingChecker(new ColonQuotingChecker())
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                  .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  /**
   * @param source what to call the text in an error, usually its file
   * @throws UserMistakeException naming line, column and path of what cannot be read
   */
  static ClusterDocument parse(String source, String yaml) {
    try {
      ClusterDocument document = MAPPER.readValue(yaml, ClusterDocument.class);
      if (document == null) {
        throw new UserMistakeException(source + " is empty: it must define a cluster");
      }
      return document;
    } catch (UnrecognizedPropertyException e) {
      // Jackson meets it only when the whole record is read, and then tells the record's end.
      throw new UserMistakeException(
          place(source, Found.in(yaml, e).location())
              + path(e)
              + " is not known here: use one of "
              + e.getKnownPropertyIds().stream()
                  .map(String::valueOf)
                  .sorted()
                  .collect(Collectors.joining(", ")),
          e);
    } catch (MismatchedInputException e) {
      if (e.getPath().isEmpty()) {
        throw new UserMistakeException(
            place(source, e.getLocation())
                + ": the file must be one mapping: "
                + e.getOriginalMessage(),
            e);
      }
      Found found = Found.in(yaml, e);
      throw new UserMistakeException(
          place(source, found.location())
              + path(e)
              + (found.scalar() == null ? "" : ": '" + found.scalar() + "'")
              + " is not "
              + kind(e.getTargetType()),
          e);
    } catch (JsonMappingException e) {
      throw new UserMistakeException(
          place(source, e.getLocation()) + path(e) + ": " + e.getOriginalMessage(), e);
    } catch (JsonProcessingException e) {
      throw new UserMistakeException(
          place(source, e.getLocation()) + ": " + e.getOriginalMessage(), e);
    }
  }

  /** What a value of a type looks like to the writer of a YAML file. */
  private static String kind(@Nullable Class<?> type) {
    if (type == Integer.class) {
      return "a whole number";
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "text";
    }
    return type != null && List.class.isAssignableFrom(type) ? "a list" : "a mapping";
  }

  /**
   * What stands in a document where Jackson stumbled, which knows the path better than the line.
   */
  private record Found(@Nullable JsonLocation location, @Nullable String scalar) {

    static Found in(String yaml, JsonMappingException e) {
      JsonPointer wanted = JsonPointer.empty();
      for (JsonMappingException.Reference step : e.getPath()) {
        wanted =
            step.getFieldName() == null
                ? wanted.appendIndex(step.getIndex())
                : wanted.appendProperty(step.getFieldName());
      }
      try (JsonParser parser = MAPPER.createParser(yaml)) {
        while (parser.nextToken() != null) {
          if (parser.getParsingContext().pathAsPointer().equals(wanted)) {
            JsonLocation location = parser.currentTokenLocation();
            JsonToken value =
                parser.currentToken() == JsonToken.FIELD_NAME
                    ? parser.nextToken()
                    : parser.currentToken();
            return new Found(
                location, value != null && value.isScalarValue() ? parser.getText() : null);
          }
        }
      } catch (IOException unreadable) {
        e.addSuppressed(unreadable);
      }
      return new Found(e.getLocation(), null);
    }
  }

  private static String place(String source, @Nullable JsonLocation location) {
    return location == null
        ? source
        : source + ", line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            step ->
                step.getFieldName() == null
                    ? "[" + step.getIndex() + "]"
                    : "." + step.getFieldName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.?(.+)$", ": $1");
  }

  String toYaml() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a cluster could not be written as YAML", e);
    }
  }

  static ClusterDocument of(ClusterSpec spec) {
    return new ClusterDocument(
        spec.name(),
        spec.preset().orElse(null),
        spec.slurmVersion().release(),
        spec.nodes().stream()
            .map(
                node ->
                    new Node(
                        node.name(),
                        node.role().id(),
                        node.cpus(),
                        node.memory(),
                        node.partitions().isEmpty() ? null : node.partitions()))
            .toList(),
        spec.partitions().stream()
            .map(
                partition ->
                    new Partition(
                        partition.name(),
                        partition.isDefault(),
                        partition.maxTime().orElse(null),
                        partition.nodes()))
            .toList(),
        new Ssh(
            spec.ssh().port().isPresent() ? spec.ssh().port().getAsInt() : null,
            spec.ssh().bindAddress(),
            spec.ssh().passwordLogin()),
        spec.image().orElse(null));
  }

  /**
   * @param source what to call this document in an error
   * @throws UserMistakeException naming the path of what is missing or contradictory
   */
  ClusterSpec toSpec(String source) {
    Checker check = new Checker(source);
    List<Node> givenNodes = check.notEmpty("nodes", nodes);
    List<Partition> givenPartitions = check.notEmpty("partitions", partitions);
    List<String> partitionNames =
        check.each(
            "partitions",
            givenPartitions,
            (path, partition) -> check.present(path + ".name", partition.name()));
    check.unique("partitions", partitionNames);
    List<NodeSpec> specNodes =
        check.each("nodes", givenNodes, (path, node) -> toNode(check, path, node));
    check.unique("nodes", specNodes.stream().map(NodeSpec::name).toList());
    for (NodeSpec node : specNodes) {
      for (String partition : node.partitions()) {
        check.known("nodes." + node.name() + ".partitions", partition, partitionNames, "partition");
      }
    }
    List<PartitionSpec> specPartitions =
        check.each(
            "partitions",
            givenPartitions,
            (path, partition) -> toPartition(check, path, partition, specNodes));
    check.exactlyOne(
        "nodes",
        specNodes.stream().filter(node -> node.role().runsController()).count(),
        "node with role controller or all-in-one");
    check.exactlyOne(
        "partitions",
        specPartitions.stream().filter(PartitionSpec::isDefault).count(),
        "partition with default: true");
    Ssh givenSsh = ssh == null ? new Ssh(null, null, null) : ssh;
    Integer sshPort = givenSsh.port();
    return new ClusterSpec(
        check.inSource(() -> Checks.name("name", check.present("name", name))),
        Optional.ofNullable(preset),
        slurmVersion == null
            ? SlurmVersion.DEFAULT
            : check.inSource(() -> SlurmVersion.of("slurm_version", slurmVersion)),
        specNodes,
        specPartitions,
        new SshSpec(
            sshPort == null
                ? OptionalInt.empty()
                : OptionalInt.of(check.inSource(() -> Checks.port("ssh.port", sshPort))),
            check.inSource(
                () ->
                    Checks.bindAddress(
                        "ssh.bind_address",
                        givenSsh.bindAddress() == null ? "127.0.0.1" : givenSsh.bindAddress())),
            givenSsh.passwordLogin() == null || givenSsh.passwordLogin()),
        Optional.ofNullable(image)
            .map(reference -> check.inSource(() -> Checks.image("image", reference))));
  }

  private static NodeSpec toNode(Checker check, String path, Node node) {
    return new NodeSpec(
        check.name(path + ".name", check.present(path + ".name", node.name())),
        role(check, path + ".role", check.present(path + ".role", node.role())),
        check.atLeast(path + ".cpus", check.present(path + ".cpus", node.cpus()), 1),
        check.atLeast(
            path + ".memory",
            check.present(path + ".memory", node.memory()),
            Checks.MINIMAL_MEMORY),
        node.partitions() == null ? List.of() : node.partitions());
  }

  private static Role role(Checker check, String path, String id) {
    return Arrays.stream(Role.values())
        .filter(role -> role.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                check.mistake(
                    path,
                    id,
                    "is not a role: use "
                        + Arrays.stream(Role.values())
                            .map(Role::id)
                            .collect(Collectors.joining(", "))));
  }

  private static PartitionSpec toPartition(
      Checker check, String path, Partition partition, List<NodeSpec> nodes) {
    String name = check.name(path + ".name", check.present(path + ".name", partition.name()));
    List<String> nodeNames = nodes.stream().map(NodeSpec::name).toList();
    List<String> named = partition.nodes() == null ? List.of() : partition.nodes();
    named.forEach(node -> check.known(path + ".nodes", node, nodeNames, "node"));
    // The documents allow membership to be said on either side.
    List<String> members =
        nodes.stream()
            .filter(node -> named.contains(node.name()) || node.partitions().contains(name))
            .peek(
                node -> {
                  if (!node.role().runsJobs()) {
                    throw check.mistake(
                        path + ".nodes", node.name(), "is a controller, which runs no jobs");
                  }
                })
            .map(NodeSpec::name)
            .toList();
    return new PartitionSpec(
        name,
        partition.isDefault() != null && partition.isDefault(),
        Optional.ofNullable(partition.maxTime()).map(time -> check.time(path + ".max_time", time)),
        check.notEmpty(path + ".nodes", members));
  }
}
