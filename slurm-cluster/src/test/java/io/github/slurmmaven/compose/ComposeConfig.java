/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * A project and the output of {@code docker compose config --format json}, brought to one form to
 * be compared: what a container is made of, no defaults.
 */
public final class ComposeConfig {

  /** What the samples are read with. */
  static final Map<String, String> ENVIRONMENT =
      Map.of("HOME", "/home/user", "FROM_ENVIRONMENT", "env", "STRONGER", "env");

  static final List<String> SAMPLES =
      List.of(
          "minimal", "cluster", "override", "forms", "variables", "anchors", "external", "limits");

  private static final ObjectMapper JSON = new ObjectMapper();

  private ComposeConfig() {}

  static Path sample(String name) {
    URL url = Objects.requireNonNull(ComposeConfig.class.getResource("/compose/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String of(ComposeProject project) throws IOException {
    Map<String, Object> config = new TreeMap<>();
    config.put("name", project.name());
    project.services().forEach((key, service) -> config.put("service " + key, service(service)));
    project
        .networks()
        .forEach(
            (key, network) -> {
              Map<String, Object> content = new TreeMap<>();
              content.put("name", network.name());
              content.put("external", network.external());
              content.put("driver", network.driver());
              content.put("subnet", network.subnet().orElse(""));
              content.put("gateway", network.gateway().orElse(""));
              content.put("labels", new TreeMap<>(network.labels()));
              config.put("network " + key, content);
            });
    project
        .volumes()
        .forEach(
            (key, volume) -> {
              Map<String, Object> content = new TreeMap<>();
              content.put("name", volume.name());
              content.put("external", volume.external());
              content.put("labels", new TreeMap<>(volume.labels()));
              config.put("volume " + key, content);
            });
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config);
  }

  private static Map<String, Object> service(ComposeService service) {
    Map<String, Object> content = new TreeMap<>();
    content.put("image", service.image());
    content.put("container_name", service.containerName());
    content.put("hostname", service.hostname().orElse(""));
    content.put("entrypoint", String.valueOf(service.entrypoint().orElse(null)));
    content.put("command", String.valueOf(service.command().orElse(null)));
    content.put("user", service.user().orElse(""));
    content.put("working_dir", service.workingDir().orElse(""));
    content.put("environment", new TreeMap<>(service.environment()));
    content.put("labels", new TreeMap<>(service.labels()));
    TreeSet<String> mounts = new TreeSet<>();
    service
        .mounts()
        .forEach(
            mount ->
                mounts.add(
                    mount.kind().name().toLowerCase(Locale.ROOT)
                        + " "
                        + mount.source()
                        + " "
                        + mount.target()
                        + (mount.readOnly() ? " ro" : "")));
    content.put("mounts", mounts);
    content.put(
        "ports",
        service.ports().stream()
            .map(
                port ->
                    port.hostAddress().orElse("")
                        + " "
                        + port.hostPort()
                        + " "
                        + port.containerPort()
                        + " "
                        + port.protocol())
            .toList());
    Map<String, Object> networks = new TreeMap<>();
    service
        .networks()
        .forEach(
            network ->
                networks.put(
                    network.network(), network.aliases() + network.ipv4Address().orElse("")));
    content.put("networks", networks);
    content.put("extra_hosts", new TreeMap<>(service.extraHosts()));
    content.put("dns", service.dns());
    content.put("cap_add", service.capAdd());
    content.put("cap_drop", service.capDrop());
    content.put("security_opt", service.securityOpt());
    content.put("devices", service.devices());
    content.put("cpus", service.cpus().orElse(0.0));
    content.put("memory", service.memory().orElse(0));
    content.put("pids", service.pidsLimit().orElse(0));
    content.put("shm_size", service.shmSize().orElse(0));
    content.put("stop_signal", service.stopSignal().orElse(""));
    content.put("stop_grace_period", service.stopGracePeriod().orElse(Duration.ZERO).toString());
    content.put("restart", service.restart().orElse(""));
    content.put("init", service.init());
    content.put("privileged", service.privileged());
    content.put(
        "healthcheck",
        service
            .healthcheck()
            .map(
                check ->
                    check.test()
                        + " "
                        + check.interval().orElse(Duration.ZERO)
                        + " "
                        + check.timeout().orElse(Duration.ZERO)
                        + " "
                        + check.retries().orElse(0)
                        + " "
                        + check.startPeriod().orElse(Duration.ZERO))
            .orElse(""));
    Map<String, String> dependsOn = new TreeMap<>();
    service
        .dependsOn()
        .forEach(
            (key, condition) ->
                dependsOn.put(key, "service_" + condition.name().toLowerCase(Locale.ROOT)));
    content.put("depends_on", dependsOn);
    return content;
  }

  /** The output of Compose, in which every plain {@code $} is doubled. */
  /** What Compose itself makes of a project, as JSON. */
  public static String config(String binary, Path directory, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(binary, "config", "--format", "json")
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.onExit().join().exitValue();
    if (status != 0) {
      throw new IOException(builder.command() + " ended with " + status);
    }
    return output;
  }

  public static String of(String json) throws IOException {
    JsonNode root = JSON.readTree(json.replace("$$", "$"));
    String project = root.get("name").asText();
    Map<String, Object> config = new TreeMap<>();
    config.put("name", project);
    each(
        root.path("services"),
        (key, service) -> config.put("service " + key, service(root, project, key, service)));
    each(
        root.path("networks"),
        (key, network) -> {
          Map<String, Object> content = new TreeMap<>();
          content.put("name", network.path("name").asText());
          content.put("external", network.path("external").asBoolean());
          content.put("driver", network.path("driver").asText("bridge"));
          JsonNode ipam = network.path("ipam").path("config").path(0);
          content.put("subnet", ipam.path("subnet").asText());
          content.put("gateway", ipam.path("gateway").asText());
          content.put("labels", strings(network.path("labels")));
          config.put("network " + key, content);
        });
    each(
        root.path("volumes"),
        (key, volume) -> {
          Map<String, Object> content = new TreeMap<>();
          content.put("name", volume.path("name").asText());
          content.put("external", volume.path("external").asBoolean());
          content.put("labels", strings(volume.path("labels")));
          config.put("volume " + key, content);
        });
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config);
  }

  private static Map<String, Object> service(
      JsonNode root, String project, String key, JsonNode service) {
    Map<String, Object> content = new TreeMap<>();
    content.put("image", service.path("image").asText());
    content.put(
        "container_name", service.path("container_name").asText(project + "-" + key + "-1"));
    content.put("hostname", service.path("hostname").asText());
    content.put("entrypoint", command(service.path("entrypoint")));
    content.put("command", command(service.path("command")));
    content.put("user", service.path("user").asText());
    content.put("working_dir", service.path("working_dir").asText());
    content.put("environment", strings(service.path("environment")));
    content.put("labels", strings(service.path("labels")));
    TreeSet<String> mounts = new TreeSet<>();
    for (JsonNode mount : service.path("volumes")) {
      String type = mount.path("type").asText();
      String source = mount.path("source").asText();
      mounts.add(
          type
              + " "
              + (type.equals("volume")
                  ? root.path("volumes").path(source).path("name").asText()
                  : source)
              + " "
              + mount.path("target").asText()
              + (mount.path("read_only").asBoolean() ? " ro" : ""));
    }
    list(service.path("tmpfs")).forEach(target -> mounts.add("tmpfs  " + target));
    content.put("mounts", mounts);
    List<String> ports = new ArrayList<>();
    for (JsonNode port : service.path("ports")) {
      ports.add(
          port.path("host_ip").asText()
              + " "
              + port.path("published").asInt()
              + " "
              + port.path("target").asInt()
              + " "
              + port.path("protocol").asText());
    }
    content.put("ports", ports);
    Map<String, Object> networks = new TreeMap<>();
    each(
        service.path("networks"),
        (network, attachment) ->
            networks.put(
                root.path("networks").path(network).path("name").asText(),
                list(attachment.path("aliases")) + attachment.path("ipv4_address").asText()));
    content.put("networks", networks);
    Map<String, String> hosts = new TreeMap<>();
    for (String host : list(service.path("extra_hosts"))) {
      String[] parts = host.split("=", 2);
      hosts.put(parts[0], parts[1]);
    }
    content.put("extra_hosts", hosts);
    content.put("dns", list(service.path("dns")));
    content.put("cap_add", list(service.path("cap_add")));
    content.put("cap_drop", list(service.path("cap_drop")));
    content.put("security_opt", list(service.path("security_opt")));
    List<String> devices = new ArrayList<>();
    for (JsonNode device : service.path("devices")) {
      devices.add(
          device.path("source").asText()
              + ":"
              + device.path("target").asText()
              + ":"
              + device.path("permissions").asText());
    }
    content.put("devices", devices);
    JsonNode limits = service.path("deploy").path("resources").path("limits");
    content.put("cpus", service.path("cpus").asDouble(limits.path("cpus").asDouble()));
    content.put("memory", service.path("mem_limit").asLong(limits.path("memory").asLong()));
    content.put(
        "pids", Math.max(0, service.path("pids_limit").asLong(limits.path("pids").asLong())));
    content.put("shm_size", service.path("shm_size").asLong());
    content.put("stop_signal", service.path("stop_signal").asText());
    content.put("stop_grace_period", duration(service.path("stop_grace_period")).toString());
    content.put("restart", service.path("restart").asText());
    content.put("init", service.path("init").asBoolean());
    content.put("privileged", service.path("privileged").asBoolean());
    JsonNode check = service.path("healthcheck");
    content.put(
        "healthcheck",
        check.isMissingNode()
            ? ""
            : (check.path("disable").asBoolean() ? List.of("NONE") : list(check.path("test")))
                + " "
                + duration(check.path("interval"))
                + " "
                + duration(check.path("timeout"))
                + " "
                + check.path("retries").asInt()
                + " "
                + duration(check.path("start_period")));
    Map<String, String> dependsOn = new TreeMap<>();
    each(
        service.path("depends_on"),
        (dependency, on) -> dependsOn.put(dependency, on.path("condition").asText()));
    content.put("depends_on", dependsOn);
    return content;
  }

  private static String command(JsonNode node) {
    return node.isArray() ? list(node).toString() : "null";
  }

  private static Map<String, String> strings(JsonNode node) {
    Map<String, String> strings = new TreeMap<>();
    each(
        node,
        (key, value) -> {
          // Compose shows a variable that it does not pass, for want of a value, as null.
          if (!value.isNull()) {
            strings.put(key, value.asText());
          }
        });
    return strings;
  }

  private static List<String> list(JsonNode node) {
    List<String> list = new ArrayList<>();
    if (node instanceof ArrayNode) {
      node.forEach(element -> list.add(element.asText()));
    }
    return list;
  }

  private static Duration duration(JsonNode node) {
    return node.isMissingNode()
        ? Duration.ZERO
        : Duration.parse("PT" + node.asText().replaceAll("^([0-9]+)ms$", "0.$1s"));
  }

  private static void each(JsonNode node, BiConsumer<String, JsonNode> consumer) {
    if (node instanceof ObjectNode object) {
      object.properties().forEach(entry -> consumer.accept(entry.getKey(), entry.getValue()));
    }
  }
}
