/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as a person writes it, in a YAML file or in a POM; everything may be absent. The keys
 * in YAML are these names in snake_case, and {@code cluster.schema.json} beside this class
 * describes them.
 *
 * @param name name of the cluster
 * @param preset preset that nodes and partitions are taken from, where they are not given
 * @param slurmVersion Slurm's release line
 * @param image prebuilt image of all nodes
 * @param nodes nodes
 * @param partitions partitions
 * @param ssh how the cluster is reached
 * @param services what runs beside the nodes
 * @param users accounts besides {@code slurm}
 * @param mounts what of the host all nodes see
 * @param files what is copied into nodes
 * @param setup what is run on nodes once they are up
 * @param slurmConf further lines of slurm.conf
 * @param cgroupConf further lines of cgroup.conf
 */
public record ClusterDocument(
    @Nullable String name,
    @Nullable String preset,
    @Nullable String slurmVersion,
    @Nullable String image,
    @Nullable List<Node> nodes,
    @Nullable List<Partition> partitions,
    @Nullable Ssh ssh,
    @Nullable Services services,
    @Nullable List<User> users,
    @Nullable List<Mount> mounts,
    @Nullable List<FileToCopy> files,
    @Nullable List<Step> setup,
    @Nullable List<String> slurmConf,
    @Nullable List<String> cgroupConf) {

  /** Nothing said. */
  private static final ClusterDocument EMPTY =
      new ClusterDocument(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null);

  /** Whether it says nothing. */
  @JsonIgnore
  public boolean isEmpty() {
    return equals(EMPTY);
  }

  /**
   * A node, or several alike.
   *
   * @param name name or host list expression, for example {@code compute-[0-15]}
   * @param role {@code all-in-one}, {@code controller} or {@code compute}
   * @param cpus processors
   * @param memory megabytes
   * @param gpus number of simulated GPUs, or numbers by type
   * @param gpuType their type, when {@code gpus} is a number
   * @param partitions partitions that it belongs to
   * @param options further options of its line in slurm.conf
   */
  public record Node(
      @Nullable String name,
      @Nullable String role,
      @Nullable Integer cpus,
      @Nullable Integer memory,
      @Nullable Gpus gpus,
      @Nullable String gpuType,
      @Nullable List<String> partitions,
      @Nullable Map<String, String> options) {}

  /** Simulated GPUs of a node: how many, or how many of each type. */
  public static final class Gpus {
    final @Nullable Integer count;
    final Map<String, Integer> byType;

    private Gpus(@Nullable Integer count, Map<String, Integer> byType) {
      this.count = count;
      this.byType = byType;
    }

    @JsonCreator
    public static Gpus of(int count) {
      return new Gpus(count, Map.of());
    }

    @JsonCreator
    public static Gpus of(Map<String, Integer> byType) {
      return new Gpus(null, byType);
    }

    @JsonValue
    Object value() {
      return count == null ? byType : count;
    }
  }

  /**
   * A partition.
   *
   * @param name name
   * @param isDefault whether jobs that name no partition come here; {@code default} in YAML
   * @param maxTime longest time limit, in Slurm's notation
   * @param features features of its nodes
   * @param nodes names or host list expressions
   * @param options further options of its line in slurm.conf
   */
  public record Partition(
      @Nullable String name,
      @JsonProperty("default") @Nullable Boolean isDefault,
      @Nullable String maxTime,
      @Nullable List<String> features,
      @Nullable List<String> nodes,
      @Nullable Map<String, String> options) {}

  /**
   * How the cluster is reached.
   *
   * @param port port of the host
   * @param bindAddress address of the host that published ports bind
   * @param passwordLogin whether password login is possible
   */
  public record Ssh(
      @Nullable Integer port, @Nullable String bindAddress, @Nullable Boolean passwordLogin) {}

  /**
   * What runs beside the nodes.
   *
   * @param registry the container registry
   * @param pyxis jobs in containers
   */
  public record Services(@Nullable Registry registry, @Nullable Pyxis pyxis) {}

  /** A container registry: {@code true}, or its image and port. */
  public static final class Registry {
    final boolean enabled;
    final @Nullable String image;
    final @Nullable Integer port;

    private Registry(boolean enabled, @Nullable String image, @Nullable Integer port) {
      this.enabled = enabled;
      this.image = image;
      this.port = port;
    }

    @JsonCreator
    public static Registry of(boolean enabled) {
      return new Registry(enabled, null, null);
    }

    @JsonCreator
    public static Registry of(
        @JsonProperty("image") @Nullable String image,
        @JsonProperty("port") @Nullable Integer port) {
      return new Registry(true, image, port);
    }

    @JsonProperty
    @Nullable String image() {
      return image;
    }

    @JsonProperty
    @Nullable Integer port() {
      return port;
    }
  }

  /** Jobs in containers: {@code true}, or where their software comes from. */
  public static final class Pyxis {
    final boolean enabled;
    final @Nullable String url;
    final @Nullable String sha256;
    final @Nullable String enrootUrl;
    final @Nullable String enrootSha256;
    final @Nullable String helpers;

    private Pyxis(
        boolean enabled,
        @Nullable String url,
        @Nullable String sha256,
        @Nullable String enrootUrl,
        @Nullable String enrootSha256,
        @Nullable String helpers) {
      this.enabled = enabled;
      this.url = url;
      this.sha256 = sha256;
      this.enrootUrl = enrootUrl;
      this.enrootSha256 = enrootSha256;
      this.helpers = helpers;
    }

    @JsonCreator
    public static Pyxis of(boolean enabled) {
      return new Pyxis(enabled, null, null, null, null, null);
    }

    @JsonCreator
    public static Pyxis of(
        @JsonProperty("url") @Nullable String url,
        @JsonProperty("sha256") @Nullable String sha256,
        @JsonProperty("enroot_url") @Nullable String enrootUrl,
        @JsonProperty("enroot_sha256") @Nullable String enrootSha256,
        @JsonProperty("helpers") @Nullable String helpers) {
      return new Pyxis(true, url, sha256, enrootUrl, enrootSha256, helpers);
    }

    static Pyxis of(PyxisDefinition pyxis) {
      return of(
          pyxis.source().url(),
          pyxis.source().sha256().orElse(null),
          pyxis.enroot().url(),
          pyxis.enroot().sha256().orElse(null),
          pyxis.helpers().id());
    }

    @JsonProperty("url")
    @Nullable String url() {
      return url;
    }

    @JsonProperty("sha256")
    @Nullable String sha256() {
      return sha256;
    }

    @JsonProperty("enroot_url")
    @Nullable String enrootUrl() {
      return enrootUrl;
    }

    @JsonProperty("enroot_sha256")
    @Nullable String enrootSha256() {
      return enrootSha256;
    }

    @JsonProperty("helpers")
    @Nullable String helpers() {
      return helpers;
    }
  }

  /** An account: its name, or its name and uid. */
  public record User(@Nullable String name, @Nullable Integer uid) {

    private static final Pattern WITH_UID = Pattern.compile("([^:]*):(\\d{1,9})");

    /** Reads {@code name} or {@code name:uid}; what is neither becomes a name that is refused. */
    @JsonCreator
    public static User of(String text) {
      Matcher withUid = WITH_UID.matcher(text);
      return withUid.matches()
          ? new User(withUid.group(1), Integer.valueOf(withUid.group(2)))
          : new User(text, null);
    }
  }

  /**
   * A directory or file of the host that all nodes see.
   *
   * @param source path of the host; a relative one begins where the document is
   * @param target absolute path on the nodes
   * @param readOnly whether the nodes cannot write to it
   */
  public record Mount(
      @Nullable String source, @Nullable String target, @Nullable Boolean readOnly) {}

  /**
   * A file or directory of the host that is copied into nodes.
   *
   * @param source path of the host; a relative one begins where the document is
   * @param target absolute path on the nodes
   * @param on {@code all}, a role or a node's name
   */
  public record FileToCopy(@Nullable String source, @Nullable String target, @Nullable String on) {}

  /**
   * A command to run on nodes: its text, or its text and where.
   *
   * @param run text for {@code bash}
   * @param on {@code all}, a role or a node's name
   */
  public record Step(@Nullable String run, @Nullable String on) {
    @JsonCreator
    public static Step of(String run) {
      return new Step(run, null);
    }
  }

  /**
   * YAML 1.1 readers take {@code 1:00:00} for a number of base 60, and break lines at more than
   * line feeds.
   */
  private static final class CarefulQuotingChecker extends StringQuotingChecker.Default {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean needToQuoteValue(String value) {
      return value.indexOf(':') >= 0
          || value.chars().anyMatch(c -> c != '\n' && Character.isISOControl(c))
          || super.needToQuoteValue(value);
    }
  }

  /** Keeps line breaks other than LF, which a block of lines would take for its own. */
  private static final class CarefulText extends StdScalarSerializer<String> {

    private static final long serialVersionUID = 1L;

    private static final Pattern OTHER_BREAKS = Pattern.compile("[\\x85\\u2028\\u2029]");

    CarefulText() {
      super(String.class);
    }

    @Override
    public void serialize(String text, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (json instanceof YAMLGenerator yaml && OTHER_BREAKS.matcher(text).find()) {
        yaml.disable(YAMLGenerator.Feature.MINIMIZE_QUOTES);
        yaml.writeString(text);
        yaml.enable(YAMLGenerator.Feature.MINIMIZE_QUOTES);
      } else {
        json.writeString(text);
      }
    }
  }

  /** By itself, or in Jackson's words for the value of a map. */
  private static final Pattern WHOLE_NUMBER =
      Pattern.compile("(?:Numeric value \\()?(-?\\d+)(?:\\) out of range.*)?");

  private static final String NOT_ONE_MAPPING =
      "the file is %s, and must be one mapping, as in 'preset: cpu'";

  /** Twice what a definition has. */
  private static final int MAX_DEPTH = 10;

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .stringQuotingChecker(new CarefulQuotingChecker())
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                  .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .disable(YAMLGenerator.Feature.SPLIT_LINES)
                  .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .addModule(new SimpleModule().addSerializer(new CarefulText()))
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_EMPTY))
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  /**
   * Reads a document.
   *
   * @param source what to call the text in an error, usually its file
   * @throws UserMistakeException naming line, column and path of what cannot be read
   */
  static ClusterDocument parse(String source, String yaml) {
    try {
      requirePlain(source, yaml);
      return MAPPER.readValue(yaml, ClusterDocument.class);
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
        // What requirePlain lets pass is one mapping with something after it.
        throw new UserMistakeException(
            place(source, e.getLocation()) + ": " + NOT_ONE_MAPPING.formatted("several documents"),
            e);
      }
      Found found = Found.in(yaml, e);
      requireInRange(source, e, found);
      throw new UserMistakeException(
          place(source, found.location())
              + path(e)
              + (found.scalar() == null ? "" : ": " + Quoted.of(found.scalar()))
              + " is not "
              + kind(e.getTargetType()),
          e);
    } catch (JsonMappingException e) {
      requireInRange(source, e, Found.in(yaml, e));
      throw new UserMistakeException(
          place(source, e.getLocation()) + path(e) + ": " + e.getOriginalMessage(), e);
    } catch (JsonProcessingException e) {
      throw new UserMistakeException(
          place(source, e.getLocation()) + ": " + e.getOriginalMessage(), e);
    }
  }

  /** Refuses a whole number that no parameter can hold, which Jackson meets in several ways. */
  private static void requireInRange(String source, JsonMappingException e, Found found) {
    Matcher number =
        WHOLE_NUMBER.matcher(
            found.scalar() == null ? String.valueOf(e.getOriginalMessage()) : found.scalar());
    if (number.matches() && new BigInteger(number.group(1)).bitLength() >= Integer.SIZE) {
      throw new UserMistakeException(
          place(source, found.location())
              + path(e)
              + ": "
              + Quoted.of(number.group(1))
              + " is too large or too small for any number here: use one between "
              + Integer.MIN_VALUE
              + " and "
              + Integer.MAX_VALUE,
          e);
    }
  }

  /**
   * Refuses what YAML has beyond mappings, lists and scalars, which Jackson would read as something
   * else, and what no cluster needs.
   */
  private static void requirePlain(String source, String yaml) throws JsonProcessingException {
    try (YAMLParser parser = (YAMLParser) MAPPER.createParser(yaml)) {
      int depth = 0;
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw new UserMistakeException(
            first == null || first == JsonToken.VALUE_NULL
                ? source + " is empty: write a definition, or begin with the one of slurm:init"
                : place(source, parser.currentTokenLocation())
                    + ": "
                    + NOT_ONE_MAPPING.formatted(
                        first == JsonToken.START_ARRAY
                            ? "a list"
                            : "the text " + Quoted.of(parser.getText())));
      }
      for (JsonToken token = first; token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        String what =
            depth > MAX_DEPTH
                ? "is nested deeper than " + MAX_DEPTH + " levels"
                : parser.isCurrentAlias() || parser.getObjectId() != null
                    ? "has an anchor or an alias: write the value itself, in quotes where it begins"
                        + " with & or *"
                    : parser.getTypeId() != null
                        ? "has the tag !" + parser.getTypeId() + ": remove it"
                        : null;
        if (what != null) {
          String path = parser.getParsingContext().pathAsPointer().toString();
          throw new UserMistakeException(
              place(source, parser.currentTokenLocation())
                  + ": "
                  + (path.isEmpty() ? "the file" : Quoted.plain(path.substring(1)))
                  + " "
                  + what);
        }
      }
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads YAML as {@link #parse} does. */
  static JsonParser parser(String yaml) throws IOException {
    return MAPPER.createParser(yaml);
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
    if (type == Gpus.class) {
      return "a whole number, or numbers by type";
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
      try (JsonParser parser = parser(yaml)) {
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

  /** The keys of what it says. */
  Set<String> keys() {
    Set<String> keys = new HashSet<>();
    JsonNode tree = MAPPER.valueToTree(this);
    tree.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  String toYaml() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a cluster could not be written as YAML", e);
    }
  }

  static ClusterDocument of(ClusterDefinition spec) {
    return new ClusterDocument(
        spec.name(),
        spec.preset().orElse(null),
        spec.slurmVersion().release(),
        spec.image().orElse(null),
        spec.nodes().stream().map(ClusterDocument::node).toList(),
        spec.partitions().stream().map(ClusterDocument::partition).toList(),
        new Ssh(
            spec.ssh().port().isPresent() ? spec.ssh().port().getAsInt() : null,
            spec.ssh().bindAddress(),
            spec.ssh().passwordLogin()),
        services(spec),
        spec.users().stream().map(user -> new User(user.name(), user.uid())).toList(),
        spec.mounts().stream()
            .map(mount -> new Mount(mount.source(), mount.target(), mount.readOnly()))
            .toList(),
        spec.files().stream()
            .map(file -> new FileToCopy(file.source(), file.target(), file.on()))
            .toList(),
        spec.setup().stream().map(step -> new Step(step.run(), step.on())).toList(),
        spec.slurmConf(),
        spec.cgroupConf());
  }

  private static @Nullable Services services(ClusterDefinition spec) {
    return spec.registry().isEmpty() && spec.pyxis().isEmpty()
        ? null
        : new Services(
            spec.registry()
                .map(
                    registry ->
                        Registry.of(
                            registry.image(),
                            registry.port().isPresent() ? registry.port().getAsInt() : null))
                .orElse(null),
            spec.pyxis().map(Pyxis::of).orElse(null));
  }

  private static Node node(NodeDefinition node) {
    return new Node(
        node.name(),
        node.role().id(),
        node.cpus(),
        node.memory(),
        node.hasGpus() ? Gpus.of(node.gpus()) : null,
        null,
        node.partitions(),
        node.options());
  }

  private static Partition partition(PartitionDefinition partition) {
    return new Partition(
        partition.name(),
        partition.isDefault(),
        partition.maxTime().orElse(null),
        partition.features(),
        partition.nodes(),
        partition.options());
  }

  /**
   * The cluster that this document defines.
   *
   * @param origin where this document comes from
   * @param directory where relative paths begin
   * @throws UserMistakeException naming place and path of what is missing or contradictory
   */
  ClusterDefinition toSpec(Origin origin, Path directory) {
    return new DocumentReader(origin, directory).read(this);
  }
}
