/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeService.Condition;
import io.github.slurmmaven.compose.ComposeService.HealthCheck;
import io.github.slurmmaven.compose.ComposeService.Mount;
import io.github.slurmmaven.compose.ComposeService.NetworkAttachment;
import io.github.slurmmaven.compose.ComposeService.Port;
import io.github.slurmmaven.compose.Node.Mapping;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one service from the merged files. */
final class ServiceReader {

  private static final Pattern CONTAINER_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
  private static final Pattern RESTART =
      Pattern.compile("no|always|unless-stopped|on-failure(:[0-9]{1,6})?");
  private static final Pattern DEVICE = Pattern.compile("(/[^:]*)(?::(/[^:]*))?(?::([rwm]{1,3}))?");
  private static final Pattern WINDOWS_PATH = Pattern.compile("[A-Za-z]:[\\\\/].*");
  private static final Pattern PORT =
      Pattern.compile(
          "(?:(?<address>\\[[^\\[\\]]+]|[^:\\[\\]/]+):(?<free>(?<bound>[0-9-]+)?):"
              + "|(?<host>[0-9-]+):)?(?<container>[0-9-]+)(?:/(?<protocol>.+))?");
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
  private static final int MAX_PORT = 65_535;
  private static final Pattern SECCOMP = Pattern.compile("seccomp[=:](?!unconfined$|builtin$)(.+)");
  private static final JsonMapper JSON = new JsonMapper();

  private final String name;
  private final Mapping service;
  private final String project;
  private final Path directory;
  private final Map<String, String> variables;
  private final Map<String, ComposeNetwork> networks;
  private final Map<String, ComposeVolume> volumes;

  ServiceReader(
      String name,
      Mapping service,
      String project,
      Path directory,
      Map<String, String> variables,
      Map<String, ComposeNetwork> networks,
      Map<String, ComposeVolume> volumes) {
    this.name = name;
    this.service = service;
    this.project = project;
    this.directory = directory;
    this.variables = variables;
    this.networks = networks;
    this.volumes = volumes;
  }

  ComposeService read() {
    return new ComposeService(
        name,
        containerName(),
        string("image")
            .orElseThrow(() -> service.at().mistake("has no image, which every service needs")),
        string("hostname"),
        service.get("entrypoint").map(Values::commandLine),
        service.get("command").map(Values::commandLine),
        string("user"),
        string("working_dir").map(path -> absolute("working_dir", path)),
        environment(),
        service.get("labels").map(ServiceReader::labels).orElse(Map.of()),
        mounts(),
        ports(),
        attachments(),
        extraHosts(),
        addresses("dns"),
        strings("cap_add"),
        strings("cap_drop"),
        securityOptions(),
        devices(),
        cpus(),
        memory(),
        pids(),
        service
            .get("shm_size")
            .map(Values::bytes)
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()),
        string("stop_signal"),
        service.get("stop_grace_period").map(Values::duration),
        string("restart").map(this::restart),
        flag(service, "init"),
        flag(service, "privileged"),
        service.get("healthcheck").map(Node::asMapping).map(ServiceReader::healthcheck),
        dependsOn());
  }

  static Map<String, String> labels(Node node) {
    Map<String, String> labels = new LinkedHashMap<>();
    node.asMapping()
        .entries()
        .forEach(
            (key, value) -> {
              if (key.isEmpty()) {
                throw value.at().mistake("has a label without a name");
              }
              labels.put(key, value.isNull() ? "" : value.asString());
            });
    return labels;
  }

  static boolean flag(Mapping mapping, String key) {
    return mapping.get(key).map(Values::bool).orElse(false);
  }

  private String containerName() {
    Optional<String> given = string("container_name");
    given.ifPresent(
        value -> {
          if (!CONTAINER_NAME.matcher(value).matches()) {
            throw at("container_name")
                .mistake(
                    value,
                    "is not a container name: use letters, digits, _, . and -, and begin with a"
                        + " letter or digit");
          }
        });
    return given.orElse(project + "-" + name + "-1");
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    entries("environment")
        .forEach(
            (key, value) -> {
              if (key.isEmpty() || key.contains("=")) {
                throw value.at().mistake(key, "is not the name of a variable");
              }
              // A name alone passes the variable through, when it is set: Compose's own rule.
              if (!value.isNull()) {
                environment.put(key, value.asString());
              } else if (variables.containsKey(key)) {
                environment.put(key, variables.getOrDefault(key, ""));
              }
            });
    return environment;
  }

  private List<Mount> mounts() {
    Map<String, Mount> mounts = new LinkedHashMap<>();
    Map<String, Location> seen = new LinkedHashMap<>();
    for (Node node : elements("volumes")) {
      Mount mount = node instanceof Mapping mapping ? longMount(mapping) : shortMount(node);
      Location before = seen.put(mount.target(), node.at());
      // The override file may put something else where the first file mounts, but only it.
      if (before != null && before.file().equals(node.at().file())) {
        throw node.at().mistake(mount.target(), "is mounted twice; first in line " + before.line());
      }
      mounts.put(mount.target(), mount);
    }
    for (Node node : elements("tmpfs")) {
      String target = node.asString();
      if (target.contains(":")) {
        throw node.at()
            .mistake(
                target,
                "has options, which are not supported by slurm-maven-plugin; give only the path");
      }
      String path = Values.absolutePath(node, target);
      if (seen.containsKey(path)) {
        throw node.at().mistake(target, "is mounted twice: it is under volumes, too");
      }
      mounts.put(path, new Mount(Mount.Kind.TMPFS, "", path, false));
    }
    return List.copyOf(mounts.values());
  }

  private Mount shortMount(Node node) {
    String text = node.asString();
    String drive = WINDOWS_PATH.matcher(text).matches() ? text.substring(0, 2) : "";
    if (!drive.isEmpty() && volumes.containsKey(drive.substring(0, 1))) {
      throw node.at()
          .mistake(
              text,
              "is a path of Windows to Compose: give the volume a name of two letters or more");
    }
    String[] parts = text.substring(drive.length()).split(":", -1);
    if (parts.length == 1) {
      throw node.at()
          .mistake(
              text,
              "is an anonymous volume, which is not supported by slurm-maven-plugin: write"
                  + " name:path, with the name under the top-level volumes");
    }
    String options = parts.length > 2 ? parts[2] : "rw";
    if (parts.length > 3 || !(options.equals("ro") || options.equals("rw"))) {
      throw node.at().mistake(text, "is not a volume: use source:target, with :ro or :rw at most");
    }
    String source = drive + parts[0];
    boolean path = !drive.isEmpty() || source.matches("[./~].*");
    return mount(
        node, path ? Mount.Kind.BIND : Mount.Kind.VOLUME, source, parts[1], options.equals("ro"));
  }

  private Mount longMount(Mapping node) {
    Node type = required(node, "type");
    Mount.Kind kind =
        switch (type.asString()) {
          case "bind" -> Mount.Kind.BIND;
          case "volume" -> Mount.Kind.VOLUME;
          case "tmpfs" -> Mount.Kind.TMPFS;
          default ->
              throw type.at()
                  .mistake(type.asString(), "is not supported: use bind, volume or tmpfs");
        };
    String target = required(node, "target").asString();
    boolean readOnly = flag(node, "read_only");
    if (kind == Mount.Kind.TMPFS) {
      node.get("source")
          .ifPresent(
              source -> {
                throw source.at().mistake("is not for a tmpfs; remove it");
              });
      return new Mount(kind, "", Values.absolutePath(node, target), readOnly);
    }
    Node source = required(node, "source");
    return mount(source, kind, source.asString(), target, readOnly);
  }

  private Mount mount(Node node, Mount.Kind kind, String source, String target, boolean readOnly) {
    String path = Values.absolutePath(node, target);
    if (kind == Mount.Kind.BIND) {
      return new Mount(kind, hostPath(node, source), path, readOnly);
    }
    ComposeVolume volume = volumes.get(source);
    if (volume == null) {
      throw node.at()
          .mistake(
              source,
              "is not a volume of this project: add it under the top-level volumes"
                  + have(volumes.keySet())
                  + ", or write ./"
                  + source
                  + " for a path of the host");
    }
    return new Mount(kind, volume.name(), path, readOnly);
  }

  private String hostPath(Node node, String source) {
    if (WINDOWS_PATH.matcher(source).matches()) {
      return source;
    }
    String path = source;
    if (source.equals("~") || source.startsWith("~/")) {
      String home = variables.getOrDefault("HOME", variables.getOrDefault("USERPROFILE", ""));
      if (home.isEmpty()) {
        throw node.at().mistake(source, "needs the variable HOME, which is not set");
      }
      path = home + source.substring(1);
    } else if (source.startsWith("~") || source.isEmpty() || source.indexOf('\0') >= 0) {
      throw node.at().mistake(source, "is not a path of the host");
    }
    return directory.resolve(path).normalize().toString();
  }

  private List<Port> ports() {
    Set<Port> ports = new LinkedHashSet<>();
    for (Node node : elements("ports")) {
      if (node instanceof Mapping mapping) {
        ports.add(longPort(mapping));
      } else {
        ports.addAll(shortPorts(node));
      }
    }
    return List.copyOf(ports);
  }

  private static Port longPort(Mapping node) {
    return new Port(
        node.get("host_ip")
            .filter(address -> !address.asString().isEmpty())
            .map(address -> address(address, address.asString())),
        node.get("published")
            .filter(port -> !port.asWritten().isEmpty())
            .map(port -> Values.integer(port, 0, MAX_PORT))
            .orElse(0),
        Values.integer(required(node, "target"), 1, MAX_PORT),
        node.get("protocol")
            .map(protocol -> protocol(protocol, protocol.asString()))
            .orElse("tcp"));
  }

  private static List<Port> shortPorts(Node node) {
    String text = node.asWritten();
    Matcher port = PORT.matcher(text);
    if (!port.matches()) {
      throw badPort(node, text);
    }
    String address = port.group("address");
    String host = port.group(address == null ? "host" : "bound");
    int[] container = range(node, text, port.group("container"), 1);
    int[] published = host == null ? new int[] {0, 0} : range(node, text, host, 0);
    int count = container[1] - container[0];
    if (host != null && published[1] - published[0] != count) {
      throw node.at()
          .mistake(
              text,
              "has a range of the host that is not as long as that of the container: give both"
                  + " the same length, or leave out the host's for any free port");
    }
    Optional<String> hostAddress =
        Optional.ofNullable(address)
            .map(a -> address(node, a.startsWith("[") ? a.substring(1, a.length() - 1) : a));
    String protocol = port.group("protocol");
    List<Port> ports = new ArrayList<>();
    for (int i = 0; i <= count; i++) {
      ports.add(
          new Port(
              hostAddress,
              host == null ? 0 : published[0] + i,
              container[0] + i,
              protocol == null ? "tcp" : protocol(node, protocol)));
    }
    return ports;
  }

  /** First and last port of {@code 80} or {@code 80-90}. */
  private static int[] range(Node node, String text, String range, int min) {
    Matcher matcher = RANGE.matcher(range);
    if (matcher.matches()) {
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (min <= first && first <= last && last <= MAX_PORT) {
        return new int[] {first, last};
      }
    }
    throw badPort(node, text);
  }

  private static RuntimeException badPort(Node node, String text) {
    return node.at()
        .mistake(
            text,
            "is not a port: use [[address:]host:]container[/protocol] with ports from 1 to 65535,"
                + " for example 127.0.0.1:8080:80");
  }

  private static String protocol(Node node, String protocol) {
    if (!protocol.equals("tcp") && !protocol.equals("udp")) {
      throw node.at().mistake(protocol, "is not a supported protocol: use tcp or udp");
    }
    return protocol;
  }

  private static String address(Node node, String address) {
    if (!Values.isIpv4(address) && !Values.isIpv6(address)) {
      throw node.at().mistake(address, "is not an IP address");
    }
    return address;
  }

  private List<NetworkAttachment> attachments() {
    Map<String, Node> joined = entries("networks");
    if (joined.isEmpty()) {
      joined = Map.of("default", Mapping.empty(service.at()));
    }
    List<NetworkAttachment> attachments = new ArrayList<>();
    joined.forEach((key, node) -> attachments.add(attachment(key, node)));
    return attachments;
  }

  private NetworkAttachment attachment(String key, Node node) {
    ComposeNetwork network = networks.get(key);
    if (network == null) {
      throw node.at()
          .mistake(
              key,
              "is not a network of this project: add it under the top-level networks"
                  + have(networks.keySet()));
    }
    Mapping mapping = node.isNull() ? Mapping.empty(node.at()) : node.asMapping();
    return new NetworkAttachment(
        network.name(),
        mapping.get("aliases").map(Values::distinctStrings).orElse(List.of()),
        mapping.get("ipv4_address").map(address -> fixedAddress(network, address)));
  }

  private static String fixedAddress(ComposeNetwork network, Node node) {
    String address = node.asString();
    if (!Values.isIpv4(address)) {
      throw node.at().mistake(address, "is not an IPv4 address");
    }
    if (!network.external()) {
      String subnet =
          network
              .subnet()
              .orElseThrow(
                  () ->
                      node.at()
                          .mistake(
                              address,
                              "needs a subnet: set networks."
                                  + network.key()
                                  + ".ipam.config[0].subnet"));
      if (!Values.contains(subnet, address)) {
        throw node.at().mistake(address, "is not in the network's subnet " + subnet);
      }
    }
    return address;
  }

  private Map<String, String> extraHosts() {
    Map<String, String> hosts = new LinkedHashMap<>();
    for (Node node : elements("extra_hosts")) {
      String text = node.asString();
      String[] parts = text.split(text.contains("=") ? "=" : ":", 2);
      if (parts.length < 2 || parts[0].isEmpty()) {
        throw node.at().mistake(text, "is not a line for /etc/hosts: use name=address");
      }
      String address = parts[1].replaceAll("^\\[(.*)]$", "$1");
      if (!address.equals(ComposeService.HOST_GATEWAY)) {
        address(node, address);
      }
      String before = hosts.putIfAbsent(parts[0], address);
      if (before != null && !before.equals(address)) {
        throw node.at()
            .mistake(text, "gives " + parts[0] + " a second address after " + before + ": use one");
      }
    }
    return hosts;
  }

  private List<String> addresses(String key) {
    Set<String> addresses = new LinkedHashSet<>();
    for (Node node : elements(key)) {
      addresses.add(address(node, node.asString()));
    }
    return List.copyOf(addresses);
  }

  /** A seccomp profile is a file to Compose, and its content to the engine. */
  private List<String> securityOptions() {
    List<String> options = new ArrayList<>();
    for (Node node : elements("security_opt")) {
      String text = node.asString();
      Matcher seccomp = SECCOMP.matcher(text);
      String option =
          seccomp.matches() ? "seccomp=" + seccompProfile(node, seccomp.group(1)) : text;
      if (!options.contains(option)) {
        options.add(option);
      }
    }
    return List.copyOf(options);
  }

  private String seccompProfile(Node node, String path) {
    try {
      return JSON.readTree(TextFile.read(directory.resolve(path))).toString();
    } catch (JsonProcessingException e) {
      throw node.at().mistake(path, "is not a seccomp profile: " + e.getOriginalMessage());
    } catch (UserMistakeException | InvalidPathException e) {
      throw node.at().mistake(path, "is not a seccomp profile: " + e.getMessage());
    }
  }

  private List<String> devices() {
    Map<String, String> devices = new LinkedHashMap<>();
    for (Node node : elements("devices")) {
      String text = node.asString();
      Matcher device = DEVICE.matcher(text);
      if (!device.matches()) {
        throw node.at()
            .mistake(
                text,
                "is not a device: use host[:container[:permissions]] with absolute paths, for"
                    + " example /dev/fuse:/dev/fuse:rwm");
      }
      String host = device.group(1);
      String container = Optional.ofNullable(device.group(2)).orElse(host);
      String permissions = Optional.ofNullable(device.group(3)).orElse("rwm");
      devices.put(container, host + ":" + container + ":" + permissions);
    }
    return List.copyOf(devices.values());
  }

  private OptionalDouble cpus() {
    double limit = limit("cpus", "cpus", Values::processors).orElse(0.0);
    return limit == 0 ? OptionalDouble.empty() : OptionalDouble.of(limit);
  }

  private OptionalLong memory() {
    long limit = limit("mem_limit", "memory", Values::bytes).orElse(0L);
    return limit == 0 ? OptionalLong.empty() : OptionalLong.of(limit);
  }

  private OptionalLong pids() {
    int limit =
        limit("pids_limit", "pids", node -> Values.integer(node, -1, Integer.MAX_VALUE)).orElse(0);
    return limit <= 0 ? OptionalLong.empty() : OptionalLong.of(limit);
  }

  /** A limit that Compose lets write in two places. */
  private <T> Optional<T> limit(String key, String deployKey, Function<Node, T> read) {
    Optional<T> limit = service.get(key).map(read);
    Optional<Node> deployed =
        service
            .get("deploy")
            .flatMap(deploy -> deploy.asMapping().get("resources"))
            .flatMap(resources -> resources.asMapping().get("limits"))
            .flatMap(limits -> limits.asMapping().get(deployKey));
    Optional<T> deployedLimit = deployed.map(read);
    if (limit.isPresent() && deployedLimit.isPresent() && !limit.equals(deployedLimit)) {
      throw deployed
          .get()
          .at()
          .mistake(
              deployed.get().asWritten(),
              "differs from " + key + " in " + at(key) + ": give only one of them");
    }
    return limit.or(() -> deployedLimit);
  }

  private String restart(String policy) {
    if (!RESTART.matcher(policy).matches()) {
      throw at("restart")
          .mistake(
              policy,
              "is not a restart policy: use no, always, unless-stopped, on-failure or"
                  + " on-failure:n");
    }
    return policy;
  }

  private static HealthCheck healthcheck(Mapping node) {
    boolean disabled = flag(node, "disable");
    List<String> test = node.get("test").map(ServiceReader::test).orElse(List.of());
    return new HealthCheck(
        disabled ? List.of("NONE") : test,
        node.get("interval").map(Values::duration),
        node.get("timeout").map(Values::duration),
        node.get("retries")
            .map(retries -> OptionalInt.of(Values.integer(retries, 0, Integer.MAX_VALUE)))
            .orElse(OptionalInt.empty()),
        node.get("start_period").map(Values::duration));
  }

  private static List<String> test(Node node) {
    if (!(node instanceof Node.Sequence)) {
      return List.of("CMD-SHELL", node.asString());
    }
    List<String> test = Values.strings(node);
    if (!test.isEmpty() && !Set.of("NONE", "CMD", "CMD-SHELL").contains(test.get(0))) {
      throw node.at()
          .mistake(test.get(0), "cannot begin the list: begin it with CMD, CMD-SHELL or NONE");
    }
    return test;
  }

  private Map<String, Condition> dependsOn() {
    Map<String, Condition> conditions = new LinkedHashMap<>();
    entries("depends_on")
        .forEach(
            (key, node) ->
                conditions.put(
                    key, node.isNull() ? Condition.STARTED : condition(node.asMapping())));
    return conditions;
  }

  private static Condition condition(Mapping node) {
    Node condition = required(node, "condition");
    return switch (condition.asString()) {
      case "service_started" -> Condition.STARTED;
      case "service_healthy" -> Condition.HEALTHY;
      case "service_completed_successfully" -> Condition.COMPLETED_SUCCESSFULLY;
      default ->
          throw condition
              .at()
              .mistake(
                  condition.asString(),
                  "is not a condition: use service_started, service_healthy or"
                      + " service_completed_successfully");
    };
  }

  private static Node required(Mapping mapping, String key) {
    return mapping.get(key).orElseThrow(() -> mapping.at().mistake("has no " + key));
  }

  private static String have(Set<String> keys) {
    return keys.isEmpty() ? "" : " (it has " + String.join(", ", keys) + ")";
  }

  /** A string; an empty one counts as absent, as a variable may well be empty. */
  private Optional<String> string(String key) {
    return service.get(key).map(Node::asString).filter(value -> !value.isEmpty());
  }

  private String absolute(String key, String path) {
    return service.get(key).map(node -> Values.absolutePath(node, path)).orElse(path);
  }

  private List<String> strings(String key) {
    return service.get(key).map(Values::distinctStrings).orElse(List.of());
  }

  private List<Node> elements(String key) {
    return service.get(key).map(Node::asList).orElse(List.of());
  }

  private Map<String, Node> entries(String key) {
    return service.get(key).map(node -> node.asMapping().entries()).orElse(Map.of());
  }

  private Location at(String key) {
    return service.get(key).map(Node::at).orElse(service.at());
  }
}
