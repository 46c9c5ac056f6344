/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeService.Condition;
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
        new MountReader(directory, variables, volumes).read(service),
        PortReader.read(service),
        new NetworkReader(networks).attachments(service),
        NetworkReader.extraHosts(service),
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
        service.flag("init"),
        service.flag("privileged"),
        service.get("healthcheck").map(Node::asMapping).map(HealthCheckReader::read),
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
    service
        .map("environment")
        .forEach(
            (key, value) -> {
              if (key.isEmpty() || key.contains("=")) {
                throw value.at().mistake(key, "is not the name of a variable");
              }
              // A name without a value passes on the variable, if it is set, as in Compose.
              if (!value.isNull()) {
                environment.put(key, value.asString());
              } else if (variables.containsKey(key)) {
                environment.put(key, variables.getOrDefault(key, ""));
              }
            });
    return environment;
  }

  private List<String> addresses(String key) {
    Set<String> addresses = new LinkedHashSet<>();
    for (Node node : service.list(key)) {
      addresses.add(Values.address(node, node.asString()));
    }
    return List.copyOf(addresses);
  }

  /**
   * Returns the security options. Compose names the file of a seccomp profile; the engine gets its
   * content.
   */
  private List<String> securityOptions() {
    List<String> options = new ArrayList<>();
    for (Node node : service.list("security_opt")) {
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
    for (Node node : service.list("devices")) {
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

  /** Returns a limit, which Compose allows in two places. */
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

  private Map<String, Condition> dependsOn() {
    Map<String, Condition> conditions = new LinkedHashMap<>();
    service
        .map("depends_on")
        .forEach(
            (key, node) ->
                conditions.put(
                    key, node.isNull() ? Condition.STARTED : condition(node.asMapping())));
    return conditions;
  }

  private static Condition condition(Mapping node) {
    Node condition = node.required("condition");
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

  /** Returns the keys of a project, for the end of a message. */
  static String have(Set<String> keys) {
    return keys.isEmpty() ? "" : " (it has " + String.join(", ", keys) + ")";
  }

  /** Returns a string. An empty one counts as absent, because a variable may be empty. */
  private Optional<String> string(String key) {
    return service.get(key).map(Node::asString).filter(value -> !value.isEmpty());
  }

  private String absolute(String key, String path) {
    return service.get(key).map(node -> Values.absolutePath(node, path)).orElse(path);
  }

  private List<String> strings(String key) {
    return service.get(key).map(Values::distinctStrings).orElse(List.of());
  }

  private Location at(String key) {
    return service.get(key).map(Node::at).orElse(service.at());
  }
}
