/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.compose.ComposeService.Mount;
import io.github.slurmmaven.compose.Node.Mapping;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads the mounts of a service: {@code volumes} and {@code tmpfs}. */
final class MountReader {

  private static final Pattern WINDOWS_PATH = Pattern.compile("[A-Za-z]:[\\\\/].*");

  private final Path directory;
  private final Map<String, String> variables;
  private final Map<String, ComposeVolume> volumes;

  /**
   * @param directory start of relative paths of the host
   * @param variables the environment, for paths in the home directory
   * @param volumes the project's volumes by key
   */
  MountReader(Path directory, Map<String, String> variables, Map<String, ComposeVolume> volumes) {
    this.directory = directory;
    this.variables = variables;
    this.volumes = volumes;
  }

  List<Mount> read(Mapping service) {
    Map<String, Mount> mounts = new LinkedHashMap<>();
    Map<String, Location> seen = new LinkedHashMap<>();
    for (Node node : service.list("volumes")) {
      Mount mount = node instanceof Mapping mapping ? longMount(mapping) : shortMount(node);
      Location before = seen.put(mount.target(), node.at());
      // The override file, and no other, may replace a mount of the first file.
      if (before != null && before.file().equals(node.at().file())) {
        throw node.at().mistake(mount.target(), "is mounted twice; first in line " + before.line());
      }
      mounts.put(mount.target(), mount);
    }
    for (Node node : service.list("tmpfs")) {
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
              text, "is a Windows path to Compose: give the volume a name of two letters or more");
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
    Node type = node.required("type");
    Mount.Kind kind =
        switch (type.asString()) {
          case "bind" -> Mount.Kind.BIND;
          case "volume" -> Mount.Kind.VOLUME;
          case "tmpfs" -> Mount.Kind.TMPFS;
          default ->
              throw type.at()
                  .mistake(type.asString(), "is not supported: use bind, volume or tmpfs");
        };
    String target = node.required("target").asString();
    boolean readOnly = node.flag("read_only");
    if (kind == Mount.Kind.TMPFS) {
      node.get("source")
          .ifPresent(
              source -> {
                throw source.at().mistake("is not possible for a tmpfs; remove it");
              });
      return new Mount(kind, "", Values.absolutePath(node, target), readOnly);
    }
    Node source = node.required("source");
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
                  + ServiceReader.have(volumes.keySet())
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
}
