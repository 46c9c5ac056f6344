/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeConfig;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.files.render.RenderContext;
import io.github.slurmmaven.files.render.RenderTarget;
import io.github.slurmmaven.files.render.RenderedTexts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever stands in a parameter or in a definition is refused with an error that names it, or
 * comes out literally in all files: a file of the same cluster with a harmless text in that place
 * differs in that text alone.
 */
@DisplayName("A hostile text in a parameter or a definition")
class HostileDefinitionIT {

  private static final int CASES = 10_000;

  private static final int LONGEST_MESSAGE = 3000;

  /** How many texts of each place real Compose reads, too. */
  private static final int READ_WITH_COMPOSE = 12;

  /** What the files say in other places, too. */
  private static final Set<String> THERE_ANYWAY = Set.of("127.0.0.1", "all");

  private static final String BASE =
      """
      name: base
      slurm_version: "24.11"
      image: example.org/slurm:1
      nodes:
        - {name: head, role: controller, cpus: 1, memory: 512}
        - {name: cpu-0, role: compute, cpus: 2, memory: 1024, partitions: [main], options: {Weight: "10"}}
        - {name: gpu-0, role: compute, cpus: 2, memory: 1024, gpus: 2, gpu_type: fake}
      partitions:
        - {name: main, default: true, max_time: "60", features: [fast], nodes: [gpu-0], options: {PriorityTier: "3"}}
        - {name: other, nodes: [gpu-0]}
      ssh: {bind_address: 127.0.0.1}
      services:
        registry: {image: "registry:2"}
      users: [{name: alice}]
      mounts: [{source: data, target: /data}]
      files: [{source: data, target: /opt/data, on: all}]
      setup: [{run: "true", on: all}]
      slurm_conf: [MaxJobCount=1000]
      cgroup_conf: [ConstrainCores=no]
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final YAMLMapper YAML =
      YAMLMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** What a text is in the place where it stands. */
  private enum Kind {
    /** In cluster.yaml alone. */
    UNRENDERED,
    /** A word of slurm.conf or a value of Compose. */
    WORD,
    /** A whole line of a file, or a value of Compose that may hold spaces. */
    LINE
  }

  /**
   * A place for a text.
   *
   * @param name what an error calls it
   * @param harmless a text that is allowed there
   * @param cluster the cluster with a text in that place
   * @param held the text as the cluster has it
   */
  private record Field(
      String name,
      Kind kind,
      String harmless,
      BiFunction<String, Boolean, TestParameters> cluster,
      Function<ClusterDefinition, String> held) {}

  /** What was rendered for a cluster, read back. */
  private record Rendered(JsonNode compose, Map<String, List<String>> files) {}

  @TempDir Path directory;

  private final Map<String, String> written = new HashMap<>();

  /** How often real Compose has read what was rendered, by the place that the text stands in. */
  private final Map<String, Integer> composeRead = new HashMap<>();

  private JsonNode base;

  @BeforeEach
  void makeTheFileThatIsMounted() throws IOException {
    base = YAML.readTree(BASE);
    Files.createDirectories(directory.resolve("data"));
    Files.createDirectories(directory.resolve("cluster/config"));
  }

  @Test
  @DisplayName("is refused by name, or comes out literally")
  void isRefusedByNameOrComesOutLiterally() throws IOException {
    long seed = HostileText.seed();
    HostileText texts = new HostileText(seed);
    Map<String, Integer> accepted = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    int cases = 0;
    List<Field> fields = fields();
    for (Field field : fields) {
      // In a file it also has a name, which others have not.
      Map<Boolean, Rendered> harmless = new HashMap<>();
      for (boolean asFile : List.of(true, false)) {
        harmless.put(asFile, rendered(field.cluster.apply(field.harmless, asFile).toDefinition()));
      }
      for (int i = 0; i <= CASES / fields.size(); i++) {
        String text =
            i < HostileText.PIECES.size() ? HostileText.PIECES.get(i) : texts.next(field.harmless);
        cases++;
        try {
          boolean asFile = i % 4 == 0 && HostileText.isWellFormed(text);
          if (isAccepted(field, text, asFile, Objects.requireNonNull(harmless.get(asFile)))) {
            accepted.merge(field.name, 1, Integer::sum);
          }
        } catch (AssertionError | RuntimeException e) {
          failures.add(
              "%s = <%s>: %s"
                  .formatted(
                      field.name, HostileText.visible(text), HostileText.visible(e.toString())));
        }
      }
    }
    System.out.printf(
        "%d hostile texts in %d places, seed %d; came out literally: %s%n",
        cases, fields.size(), seed, accepted);
    assertThat(failures).as("with -Dhostile.seed=" + seed).isEmpty();
    assertThat(cases).isGreaterThanOrEqualTo(CASES);
  }

  @Test
  @DisplayName("is refused by name as an image that is loaded, or is its very name")
  void ofAnImage() {
    long seed = HostileText.seed();
    HostileText texts = new HostileText(seed);
    for (int i = 0; i < 1000; i++) {
      String text =
          i < HostileText.PIECES.size() ? HostileText.PIECES.get(i) : texts.next("registry/app:1");
      makeFile(text);
      for (String suffix : List.of("", ".tar")) {
        String named = text + suffix;
        try {
          ImageSource source = ImageSource.parse("images", named, directory);
          assertThat(source)
              .as("%s, -Dhostile.seed=%d", HostileText.visible(named), seed)
              .isEqualTo(
                  source instanceof ImageSource.Archive
                      ? new ImageSource.Archive(directory.resolve(named).normalize())
                      : new ImageSource.Local(named));
        } catch (InvalidParameterException e) {
          assertThat(e.parameter()).isEqualTo("images");
          assertThat(e.getMessage()).hasSizeLessThan(LONGEST_MESSAGE);
          assertThat(e.getMessage().chars().filter(Character::isISOControl)).isEmpty();
        }
      }
    }
  }

  private boolean isAccepted(Field field, String text, boolean asFile, Rendered harmless)
      throws IOException {
    boolean hostPath = field.name.endsWith("source");
    if (hostPath) {
      makeFile(text);
    }
    ClusterDefinition definition;
    try {
      definition = field.cluster.apply(text, asFile).toDefinition();
    } catch (UserMistakeException e) {
      assertThat(said(e.getMessage())).contains(said(field.name));
      assertThat(e.getMessage()).hasSizeLessThan(LONGEST_MESSAGE);
      assertThat(e.getMessage().chars().filter(Character::isISOControl)).isEmpty();
      return false;
    }
    String held = field.held.apply(definition);
    if (field.name.matches("nodes.*name|partitions.*nodes")
        && !HostList.expand(text).equals(List.of(text))) {
      return true; // several names, as documented
    }
    if (hostPath) {
      assertThat(held).isEqualTo(directory.resolve(text).normalize().toString());
    } else if (!said(field.name).endsWith("url")) {
      assertThat(held).isEqualTo(text);
    }
    readBack(definition);
    if (field.kind == Kind.UNRENDERED || THERE_ANYWAY.contains(text)) {
      return true;
    }
    Rendered hostile = rendered(definition);
    if (field.name.equals("mounts[0].target")) {
      held = Path.of(held).normalize().toString();
    }
    String there = held;
    String instead = field.held.apply(field.cluster.apply(field.harmless, false).toDefinition());
    readWithCompose(field.name);
    UnaryOperator<String> change = given -> replaced(given, instead, there);
    assertThat(mapped(hostile.compose, UnaryOperator.identity()))
        .isEqualTo(mapped(harmless.compose, change));
    hostile.files.forEach(
        (name, lines) -> {
          assertThat(lines)
              .as(name)
              .isEqualTo(harmless.files.get(name).stream().map(change).toList());
          if (field.kind == Kind.WORD) {
            assertThat(words(lines))
                .as(name)
                .isEqualTo(
                    words(harmless.files.get(name)).stream()
                        .map(line -> line.stream().map(change).toList())
                        .toList());
          }
          assertThat(lines).as(name).noneMatch(line -> line.endsWith("\\"));
        });
    return true;
  }

  /** Leaves the test's own directory alone, whose name may hold any digits. */
  private String replaced(String given, String old, String fresh) {
    String own = directory.toString();
    if (old.contains(own)) {
      return given.replace(old, fresh);
    }
    return Stream.of(given.split(Pattern.quote(own), -1))
        .map(part -> part.replace(old, fresh))
        .collect(Collectors.joining(own));
  }

  /** The definition that is kept says the same cluster. */
  private void readBack(ClusterDefinition definition) throws IOException {
    Path file = directory.resolve("cluster/cluster.yaml");
    Files.writeString(file, ClusterYaml.write(definition));
    assertThat(ClusterYaml.read(file)).isEqualTo(definition);
  }

  /** A few of each: a program's start takes longer than all the rest. */
  private void readWithCompose(String place) throws IOException {
    String binary = System.getenv("COMPOSE_BINARY");
    if (binary == null
        || !(place.startsWith("mounts") || place.endsWith("mage") || place.startsWith("nodes"))
        || composeRead.merge(place, 1, Integer::sum) > READ_WITH_COMPOSE) {
      return;
    }
    Path cluster = directory.resolve("cluster");
    assertThat(ComposeConfig.of(ComposeConfig.config(binary, cluster, Map.of())))
        .isEqualTo(ComposeConfig.of(ComposeProject.read(cluster, Map.of())));
  }

  private Rendered rendered(ClusterDefinition definition) throws IOException {
    Path cluster = directory.resolve("cluster");
    Map<String, String> files =
        RenderedTexts.of(
            new RenderContext(
                definition,
                cluster,
                new RenderTarget.Containers(
                    "project",
                    definition.image().orElse("slurm"),
                    "198.18.7",
                    "127.0.0.1",
                    2222,
                    5000,
                    6820,
                    8,
                    16384)));
    for (String name : List.of("docker-compose.yml", ".env", "config/seccomp-pyxis.json")) {
      String content = files.get(name);
      if (content != null && !content.equals(written.put(name, content))) {
        Files.writeString(cluster.resolve(name), content);
      }
    }
    JsonNode compose = JSON.readTree(ComposeConfig.of(ComposeProject.read(cluster, Map.of())));
    Map<String, String> processes =
        RenderedTexts.of(
            new RenderContext(
                definition,
                cluster,
                new RenderTarget.Processes(
                    cluster, "me", 2222, 7000, 8000, 6820, new TreeMap<>())));
    Map<String, List<String>> lines = new HashMap<>();
    files.forEach((name, text) -> lines.put(name, lines(text)));
    processes.forEach((name, text) -> lines.put("processes/" + name, lines(text)));
    lines.keySet().removeIf(name -> name.endsWith("yaml") || name.endsWith("yml"));
    return new Rendered(compose, lines);
  }

  private static List<String> lines(String text) {
    return Arrays.asList(text.split("[\n\r]", -1));
  }

  /** As Slurm cuts lines into words; comments are none. */
  private static List<List<String>> words(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> Arrays.asList(line.replaceFirst("#.*", "").split("\\s+")))
        .toList();
  }

  /** The tree with other texts; what is a list of texts there was a set. */
  private static JsonNode mapped(JsonNode tree, UnaryOperator<String> change) {
    if (tree instanceof ObjectNode object) {
      ObjectNode copy = JSON.createObjectNode();
      object
          .properties()
          .forEach(
              entry -> copy.set(change.apply(entry.getKey()), mapped(entry.getValue(), change)));
      return copy;
    }
    if (tree instanceof ArrayNode array) {
      ArrayNode copy = JSON.createArrayNode();
      array
          .valueStream()
          .map(element -> mapped(element, change))
          .sorted(Comparator.comparing(JsonNode::toString))
          .forEach(copy::add);
      return copy;
    }
    return tree.isTextual() ? TextNode.valueOf(change.apply(tree.asText())) : tree;
  }

  /** Words are joined with _ in YAML, and by capitals in a POM. */
  private static String said(String text) {
    return text.replace("_", "").toLowerCase(Locale.ROOT);
  }

  /** Where the machine can hold such a file, there is one. */
  private void makeFile(String name) {
    try {
      Path file = directory.resolve(name).normalize();
      if (file.startsWith(directory) && name.length() < 200) {
        Files.createDirectories(file);
      }
    } catch (InvalidPathException | IOException e) {
      // Then it is one that does not exist.
      return;
    }
  }

  // ---- the places
  // --------------------------------------------------------------------------------

  private List<Field> fields() {
    return List.of(
        parameter("name", "harmless", ClusterDefinition::name),
        parameter("preset", "gpu", definition -> definition.preset().orElse("")),
        parameter("slurmVersion", "22.05", definition -> definition.slurmVersion().release()),
        parameter("image", "harmless", definition -> definition.image().orElse("")),
        parameter("bindAddress", "127.7.7.7", definition -> definition.ssh().bindAddress()),
        parameter("registryImage", "harmless", definition -> definition.registry().get().image()),
        parameter("pyxisUrl", "/harmless", definition -> definition.pyxis().get().source().url()),
        parameter("enrootUrl", "/harmless", definition -> definition.pyxis().get().enroot().url()),
        parameter(
            "pyxisSha256",
            "0".repeat(64),
            definition -> definition.pyxis().get().source().sha256().get()),
        parameter(
            "enrootSha256",
            "0".repeat(64),
            definition -> definition.pyxis().get().enroot().sha256().get()),
        parameter(
            "pyxisHelpers", "userland", definition -> definition.pyxis().get().helpers().id()),
        key("image", Kind.WORD, "harmless", definition -> definition.image().orElse("")),
        key(
            "slurm_version",
            Kind.UNRENDERED,
            "22.05",
            definition -> definition.slurmVersion().release()),
        key("nodes[1].name", Kind.WORD, "harmless", definition -> definition.nodes().get(1).name()),
        key(
            "nodes[1].role",
            Kind.WORD,
            "compute",
            definition -> definition.nodes().get(1).role().id()),
        key(
            "nodes[1].partitions[0]",
            Kind.WORD,
            "other",
            definition -> definition.nodes().get(1).partitions().get(0)),
        key(
            "nodes[1].options.Weight",
            Kind.WORD,
            "harmless",
            definition -> definition.nodes().get(1).options().get("Weight")),
        optionName(
            "nodes[1].options", "Harmless", definition -> definition.nodes().get(1).options()),
        key(
            "nodes[2].gpu_type",
            Kind.WORD,
            "harmless",
            definition -> definition.nodes().get(2).gpus().keySet().iterator().next()),
        key(
            "partitions[1].name",
            Kind.WORD,
            "harmless",
            definition -> definition.partitions().get(1).name()),
        key(
            "partitions[0].max_time",
            Kind.WORD,
            "77",
            definition -> definition.partitions().get(0).maxTime().get()),
        key(
            "partitions[0].features[0]",
            Kind.WORD,
            "harmless",
            definition -> definition.partitions().get(0).features().get(0)),
        key(
            "partitions[1].nodes[0]",
            Kind.WORD,
            "cpu-0",
            definition -> definition.partitions().get(1).nodes().get(0)),
        key(
            "partitions[0].options.PriorityTier",
            Kind.WORD,
            "harmless",
            definition -> definition.partitions().get(0).options().get("PriorityTier")),
        optionName(
            "partitions[0].options",
            "Harmless",
            definition -> definition.partitions().get(0).options()),
        key(
            "ssh.bind_address",
            Kind.WORD,
            "127.7.7.7",
            definition -> definition.ssh().bindAddress()),
        key(
            "services.registry.image",
            Kind.WORD,
            "harmless",
            definition -> definition.registry().get().image()),
        key(
            "services.pyxis.url",
            Kind.UNRENDERED,
            "/harmless",
            definition -> definition.pyxis().get().source().url()),
        key(
            "services.pyxis.sha256",
            Kind.UNRENDERED,
            "0".repeat(64),
            definition -> definition.pyxis().get().source().sha256().get()),
        key(
            "services.pyxis.enroot_url",
            Kind.UNRENDERED,
            "/harmless",
            definition -> definition.pyxis().get().enroot().url()),
        key(
            "services.pyxis.enroot_sha256",
            Kind.UNRENDERED,
            "0".repeat(64),
            definition -> definition.pyxis().get().enroot().sha256().get()),
        key(
            "services.pyxis.helpers",
            Kind.UNRENDERED,
            "userland",
            definition -> definition.pyxis().get().helpers().id()),
        key(
            "users[0].name",
            Kind.UNRENDERED,
            "harmless",
            definition -> definition.users().get(0).name()),
        key(
            "mounts[0].source",
            Kind.LINE,
            "data",
            definition -> definition.mounts().get(0).source()),
        key(
            "mounts[0].target",
            Kind.LINE,
            "/harmless",
            definition -> definition.mounts().get(0).target()),
        key(
            "files[0].source",
            Kind.UNRENDERED,
            "data",
            definition -> definition.files().get(0).source()),
        key(
            "files[0].target",
            Kind.UNRENDERED,
            "/harmless",
            definition -> definition.files().get(0).target()),
        key(
            "files[0].on",
            Kind.UNRENDERED,
            "compute",
            definition -> definition.files().get(0).on()),
        key(
            "setup[0].run",
            Kind.UNRENDERED,
            "harmless",
            definition -> definition.setup().get(0).run()),
        key(
            "setup[0].on",
            Kind.UNRENDERED,
            "compute",
            definition -> definition.setup().get(0).on()),
        key("slurm_conf[0]", Kind.LINE, "harmless", definition -> definition.slurmConf().get(0)),
        key("cgroup_conf[0]", Kind.LINE, "harmless", definition -> definition.cgroupConf().get(0)));
  }

  private Field parameter(String name, String harmless, Function<ClusterDefinition, String> held) {
    return new Field(
        name,
        name.matches("(pyxis|enroot).*") ? Kind.UNRENDERED : Kind.WORD,
        harmless,
        (text, asFile) ->
            name.equals("preset")
                ? new TestParameters(directory).with(name, text)
                : parameters(base, false)
                    .with("withPyxis", name.matches("(pyxis|enroot).*"))
                    .with(name, text),
        held);
  }

  private Field key(
      String path, Kind kind, String harmless, Function<ClusterDefinition, String> held) {
    String pointer = "/" + path.replaceAll("[.\\[]", "/").replace("]", "");
    return new Field(
        path.replaceAll("(?<=nodes|partitions|features)\\[0]$", ""),
        kind,
        harmless,
        (text, asFile) -> {
          JsonNode tree = base.deepCopy();
          if (path.startsWith("services.pyxis")) {
            ((ObjectNode) tree.at("/services")).putObject("pyxis");
          }
          int last = pointer.lastIndexOf('/');
          JsonNode parent = tree.at(pointer.substring(0, last));
          String name = pointer.substring(last + 1);
          if (parent instanceof ObjectNode object) {
            object.put(name, text);
          } else {
            ((ArrayNode) parent).set(Integer.parseInt(name), text);
          }
          return parameters(tree, asFile);
        },
        held);
  }

  private Field optionName(
      String path, String harmless, Function<ClusterDefinition, Map<String, String>> held) {
    String pointer = "/" + path.replaceAll("[.\\[]", "/").replace("]", "");
    return new Field(
        path,
        Kind.WORD,
        harmless,
        (text, asFile) -> {
          JsonNode tree = base.deepCopy();
          ((ObjectNode) tree.at(pointer)).removeAll().put(text, "1");
          return parameters(tree, asFile);
        },
        definition -> held.apply(definition).keySet().iterator().next());
  }

  private TestParameters parameters(JsonNode tree, boolean asFile) {
    try {
      if (asFile) {
        Path file = directory.resolve("definition.yaml");
        Files.write(file, YAML.writeValueAsString(tree).getBytes(StandardCharsets.UTF_8));
        return new TestParameters().with("definition", file);
      }
      // As from a POM, which knows no name and no version there.
      return new TestParameters(directory)
          .with("document", YAML.treeToValue(tree, ClusterDocument.class));
    } catch (IOException e) {
      return fail(e);
    }
  }
}
