/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeService.Mount;
import io.github.slurmmaven.compose.Node.Mapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a project from its merged files. */
final class ProjectReader {

  private static final String FILE = "docker-compose.yml";
  private static final String OVERRIDE = "docker-compose.override.yml";
  static final String ENV = ".env";

  /** Files that Compose would read instead of {@link #FILE} or {@link #OVERRIDE}. */
  private static final Map<String, String> RIVALS =
      Map.of(
          "compose.yaml", FILE,
          "compose.yml", FILE,
          "compose.override.yml", OVERRIDE,
          "compose.override.yaml", OVERRIDE,
          "docker-compose.override.yaml", OVERRIDE);

  private static final Pattern PROJECT_NAME = Pattern.compile("[a-z0-9][a-z0-9_-]*");
  private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9._-]+");
  private static final Pattern ENGINE_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

  private final Path directory;
  private final Optional<String> env;
  private final Map<String, String> environment;

  ProjectReader(Path directory, Optional<String> env, Map<String, String> environment) {
    this.directory = directory.toAbsolutePath().normalize();
    this.env = env;
    this.environment = environment;
  }

  ComposeProject read() {
    List<Path> files = files();
    Map<String, String> variables = variables();
    List<YamlFile> parsed = files.stream().map(YamlFile::parse).toList();
    String name = name(parsed, variables);
    checkEnvFile(variables, name);
    variables.put("COMPOSE_PROJECT_NAME", name);

    Interpolation interpolation = new Interpolation(variables);
    Mapping project =
        parsed.stream().map(file -> file.read(interpolation)).reduce(Merge::of).orElseThrow();
    Map<String, ComposeNetwork> networks = networks(project, name);
    Map<String, ComposeVolume> volumes = volumes(project, name);
    Map<String, ComposeService> services = new LinkedHashMap<>();
    Map<String, Node> entries = entries(project, "services");
    if (entries.isEmpty()) {
      throw new UserMistakeException(FILE + " has no services: nothing to run");
    }
    entries.forEach(
        (key, node) -> {
          checkKey(key, node);
          services.put(
              key,
              new ServiceReader(
                      key, node.asMapping(), name, directory, variables, networks, volumes)
                  .read());
        });
    checkDependencies(services, entries);
    checkUnique(services, entries);
    networks.values().removeIf(network -> !joins(services, network));
    volumes.values().removeIf(volume -> !mounts(services, volume));
    return new ComposeProject(name, directory, files, services, networks, volumes);
  }

  private List<Path> files() {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      throw new UserMistakeException("there is no " + FILE + " in " + directory);
    }
    for (Map.Entry<String, String> rival : RIVALS.entrySet()) {
      if (Files.exists(directory.resolve(rival.getKey()))) {
        throw new UserMistakeException(
            directory.resolve(rival.getKey())
                + " is not read by slurm-maven-plugin, though 'docker compose' reads it; name it "
                + rival.getValue()
                + ", or remove it");
      }
    }
    Path override = directory.resolve(OVERRIDE);
    return Files.exists(override) ? List.of(file, override) : List.of(file);
  }

  private Map<String, String> variables() {
    return new HashMap<>(
        env.map(text -> EnvFile.parse(directory.resolve(ENV), text, environment))
            .orElse(environment));
  }

  private String name(List<YamlFile> files, Map<String, String> variables) {
    Interpolation interpolation = new Interpolation(variables);
    Optional<Node> given =
        files.stream()
            .flatMap(file -> file.name(interpolation).stream())
            .reduce((base, over) -> over);
    if (given.isPresent()) {
      String name = given.get().asString();
      if (!PROJECT_NAME.matcher(name).matches()) {
        throw given
            .get()
            .at()
            .mistake(
                name,
                "is not a project name: use lower-case letters, digits, - and _, and begin with a"
                    + " letter or digit");
      }
      return name;
    }
    String name =
        String.valueOf(directory.getFileName())
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9_-]", "")
            .replaceAll("^[_-]+", "");
    if (name.isEmpty()) {
      throw new UserMistakeException(
          "no project name can be made of the directory " + directory + ": add name: to " + FILE);
    }
    return name;
  }

  /** Refuses variables with which 'docker compose' would run something else in this directory. */
  private void checkEnvFile(Map<String, String> variables, String name) {
    for (String variable : List.of("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME")) {
      String value = environment.containsKey(variable) ? "" : variables.getOrDefault(variable, "");
      if (!value.isEmpty() && !(variable.equals("COMPOSE_PROJECT_NAME") && value.equals(name))) {
        throw new UserMistakeException(
            ENV
                + ": "
                + variable
                + ": '"
                + value
                + "' is not supported by slurm-maven-plugin; remove it"
                + (variable.equals("COMPOSE_PROJECT_NAME")
                    ? ", and give the project's name with name: in " + FILE
                    : ""));
      }
    }
  }

  private static Map<String, ComposeNetwork> networks(Mapping project, String projectName) {
    Map<String, ComposeNetwork> networks = new LinkedHashMap<>();
    entries(project, "networks")
        .forEach((key, node) -> networks.put(key, network(key, node, projectName)));
    networks.computeIfAbsent(
        "default", key -> network(key, Mapping.empty(project.at()), projectName));
    return networks;
  }

  private static ComposeNetwork network(String key, Node node, String projectName) {
    checkKey(key, node);
    Mapping network = node.isNull() ? Mapping.empty(node.at()) : node.asMapping();
    boolean external = external(network);
    Optional<Mapping> ipam = network.get("ipam").flatMap(ProjectReader::ipam);
    Optional<Node> subnet = ipam.flatMap(config -> config.get("subnet"));
    Optional<Node> gateway = ipam.flatMap(config -> config.get("gateway"));
    subnet.ifPresent(ProjectReader::checkSubnet);
    gateway.ifPresent(address -> checkGateway(address, subnet));
    return new ComposeNetwork(
        key,
        engineName(network, key, external, projectName),
        external,
        network.get("driver").map(Node::asString).orElse("bridge"),
        subnet.map(Node::asString),
        gateway.map(Node::asString),
        network.get("labels").map(ServiceReader::labels).orElse(Map.of()));
  }

  private static Optional<Mapping> ipam(Node ipam) {
    Optional<Node> config = ipam.asMapping().get("config");
    List<Node> subnets = config.map(Node::asList).orElse(List.of());
    if (subnets.size() > 1) {
      throw subnets
          .get(1)
          .at()
          .mistake("is a second subnet, which is not supported by slurm-maven-plugin; remove it");
    }
    return subnets.stream().findFirst().map(Node::asMapping);
  }

  private static void checkSubnet(Node node) {
    if (!Values.isSubnet(node.asString())) {
      throw node.at()
          .mistake(node.asString(), "is not an IPv4 subnet: use for example 172.28.0.0/16");
    }
  }

  private static void checkGateway(Node node, Optional<Node> subnet) {
    String address = node.asString();
    if (!Values.isIpv4(address)
        || subnet.isEmpty()
        || !Values.contains(subnet.get().asString(), address)) {
      throw node.at().mistake(address, "is not an IPv4 address within a subnet given beside it");
    }
  }

  private static Map<String, ComposeVolume> volumes(Mapping project, String projectName) {
    Map<String, ComposeVolume> volumes = new LinkedHashMap<>();
    entries(project, "volumes")
        .forEach(
            (key, node) -> {
              checkKey(key, node);
              Mapping volume = node.isNull() ? Mapping.empty(node.at()) : node.asMapping();
              boolean external = external(volume);
              volumes.put(
                  key,
                  new ComposeVolume(
                      key,
                      engineName(volume, key, external, projectName),
                      external,
                      volume.get("labels").map(ServiceReader::labels).orElse(Map.of())));
            });
    return volumes;
  }

  private static boolean joins(Map<String, ComposeService> services, ComposeNetwork network) {
    return services.values().stream()
        .flatMap(service -> service.networks().stream())
        .anyMatch(attachment -> attachment.network().equals(network.name()));
  }

  private static boolean mounts(Map<String, ComposeService> services, ComposeVolume volume) {
    return services.values().stream()
        .flatMap(service -> service.mounts().stream())
        .anyMatch(
            mount -> mount.kind() == Mount.Kind.VOLUME && mount.source().equals(volume.name()));
  }

  private static boolean external(Mapping mapping) {
    boolean external = mapping.flag("external");
    if (external) {
      mapping
          .entries()
          .forEach(
              (key, value) -> {
                if (!key.equals("external") && !key.equals("name")) {
                  throw value
                      .at()
                      .mistake("cannot be given for what is external; remove one of the two");
                }
              });
    }
    return external;
  }

  private static String engineName(
      Mapping mapping, String key, boolean external, String projectName) {
    Optional<Node> given = mapping.get("name");
    String name = given.map(Node::asString).orElse(external ? key : projectName + "_" + key);
    if (!ENGINE_NAME.matcher(name).matches()) {
      throw given
          .map(Node::at)
          .orElse(mapping.at())
          .mistake(
              name,
              "is not a name: use letters, digits, _, . and -, and begin with a letter or digit");
    }
    return name;
  }

  private static void checkKey(String key, Node node) {
    if (!KEY.matcher(key).matches()) {
      throw node.at().mistake(key, "is not a name: use letters, digits, ., _ and -");
    }
  }

  private static void checkDependencies(
      Map<String, ComposeService> services, Map<String, Node> entries) {
    entries.forEach(
        (key, node) ->
            entries(node.asMapping(), "depends_on")
                .forEach(
                    (dependency, at) -> {
                      if (!services.containsKey(dependency)) {
                        throw at.at()
                            .mistake(
                                dependency,
                                "is not a service of this project, which has "
                                    + String.join(", ", services.keySet()));
                      }
                    }));
    Set<String> done = new HashSet<>();
    services.keySet().forEach(key -> visit(key, services, entries, new LinkedHashSet<>(), done));
  }

  private static void visit(
      String key,
      Map<String, ComposeService> services,
      Map<String, Node> entries,
      Set<String> path,
      Set<String> done) {
    ComposeService service = services.get(key);
    Node node = entries.get(key);
    if (service == null || node == null || done.contains(key)) {
      return;
    }
    if (!path.add(key)) {
      List<String> cycle = new ArrayList<>(path);
      cycle = cycle.subList(cycle.indexOf(key), cycle.size());
      throw node.at().mistake("depends on itself: " + String.join(" -> ", cycle) + " -> " + key);
    }
    service.dependsOn().keySet().forEach(next -> visit(next, services, entries, path, done));
    path.remove(key);
    done.add(key);
  }

  /** Refuses two services with the same container name, or the same address in a network. */
  private static void checkUnique(Map<String, ComposeService> services, Map<String, Node> entries) {
    Map<String, String> owners = new HashMap<>();
    services.forEach(
        (key, service) -> {
          List<String> claims = new ArrayList<>();
          claims.add("the container name " + service.containerName());
          service
              .networks()
              .forEach(
                  attachment ->
                      attachment
                          .ipv4Address()
                          .ifPresent(
                              address ->
                                  claims.add(
                                      "the address "
                                          + address
                                          + " in the network "
                                          + attachment.network())));
          for (String claim : claims) {
            String owner = owners.putIfAbsent(claim, key);
            Node node = entries.get(key);
            if (owner != null && node != null) {
              throw node.at().mistake("has " + claim + ", which services." + owner + " has, too");
            }
          }
        });
  }

  private static Map<String, Node> entries(Mapping mapping, String key) {
    return mapping.get(key).map(node -> node.asMapping().entries()).orElse(Map.of());
  }
}
