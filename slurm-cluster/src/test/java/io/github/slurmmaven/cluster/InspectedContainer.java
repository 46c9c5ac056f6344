/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that an engine tells of a container and that somebody has asked for, in a form in which two
 * of them can be compared: no defaults, no times, no identifiers.
 */
final class InspectedContainer {

  /** Keys that differ between any two containers. */
  private static final Set<String> OF_THIS_ONE =
      Set.of(
          "Id",
          "Created",
          "State",
          "ResolvConfPath",
          "HostnamePath",
          "HostsPath",
          "LogPath",
          "GraphDriver",
          "Config.AttachStdout",
          "Config.AttachStderr",
          "NetworkSettings.SandboxID",
          "NetworkSettings.SandboxKey",
          "NetworkSettings.Networks.*.NetworkID",
          "NetworkSettings.Networks.*.EndpointID",
          // Another way to write what Mounts holds, where "ro" says no more than RW.
          "HostConfig.Binds",
          "HostConfig.Mounts",
          "Mounts[].Mode");

  /** Whose a container is, and how it is told that its service was changed. */
  private static final Set<String> LABELS_OF_THIS_ONE =
      Set.of(
          "io.github.slurmmaven.created-at",
          "io.github.slurmmaven.digest",
          "io.github.slurmmaven.owner",
          "io.github.slurmmaven.shape",
          "com.docker.compose.config-hash",
          "com.docker.compose.image",
          "com.docker.compose.version");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private InspectedContainer() {}

  static String text(JsonNode inspected) throws JsonProcessingException {
    return JSON.writeValueAsString(plain(inspected, ""));
  }

  private static Object plain(JsonNode node, String path) {
    if (node.isObject()) {
      Map<String, Object> fields = new TreeMap<>();
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        String name = path.equals("NetworkSettings.Networks") ? "*" : field.getKey();
        String below = path.isEmpty() ? name : path + "." + name;
        if (!OF_THIS_ONE.contains(below)
            && !(path.equals("Config.Labels") && LABELS_OF_THIS_ONE.contains(field.getKey()))
            && !isDefault(field.getValue())) {
          fields.put(field.getKey(), plain(field.getValue(), below));
        }
      }
      return fields;
    }
    if (node.isArray()) {
      List<Object> elements = new ArrayList<>();
      for (JsonNode element : node) {
        // The engine adds the beginning of the container's identifier.
        if (!(path.endsWith(".Aliases") && element.asText().matches("[0-9a-f]{12}"))) {
          elements.add(plain(element, path + "[]"));
        }
      }
      elements.sort(Comparator.comparing(Object::toString));
      return path.endsWith("Cmd") || path.endsWith("Entrypoint") || path.equals("Args")
          ? node.toString()
          : elements;
    }
    return node.asText();
  }

  private static boolean isDefault(JsonNode node) {
    return node.isNull()
        || (node.isContainerNode() && node.isEmpty())
        || (node.isBoolean() && !node.asBoolean())
        || (node.isTextual() && node.asText().isEmpty());
  }
}
