/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The Maven that runs a test project, for tests in it that run builds of their own. The project
 * tells of it in system properties.
 */
final class NestedMaven {

  private final List<String> command =
      List.of(
          // Where this JVM ignores a signal, as one in the background may, its children would too.
          "env",
          "--default-signal=HUP,INT,TERM",
          Path.of(System.getProperty("nested.maven"), "bin/mvn").toString(),
          "-o",
          "-B",
          "-s",
          settings().toString(),
          "-Dmaven.repo.local=" + System.getProperty("nested.repository"),
          "-Dslurm.engine=" + engine());

  private final String plugin = System.getProperty("nested.plugin", "");

  /** Where the test project has what is to be built. */
  static Path directory() {
    return Path.of(System.getProperty("nested.directory"));
  }

  /** The settings of the build that runs the test project. */
  static Path settings() {
    return Path.of(System.getProperty("nested.settings")).normalize();
  }

  /** What a Maven of this machine needs, with all that distributions link to. */
  static List<Path> javaAndMaven() throws IOException {
    List<Path> paths = new ArrayList<>();
    paths.add(Path.of(System.getProperty("java.home")));
    paths.add(Path.of(System.getProperty("nested.maven")));
    paths.add(Path.of(System.getProperty("nested.repository")));
    paths.add(settings());
    paths.add(Path.of("/usr/share/java"));
    paths.add(Path.of("/etc/maven"));
    try (Stream<Path> entries = Files.list(Path.of("/etc"))) {
      entries
          .filter(entry -> entry.getFileName().toString().startsWith("java-"))
          .forEach(paths::add);
    }
    paths.removeIf(path -> !Files.exists(path));
    return paths;
  }

  /** The value of the parameter {@code engine}. */
  static String engine() {
    return System.getProperty("nested.engine");
  }

  /** How a build of a POM that has the plugin's version in {@code version.plugin} begins. */
  List<String> command() {
    List<String> words = new ArrayList<>(command);
    words.add(versionOfPlugin());
    return words;
  }

  private String versionOfPlugin() {
    return "-Dversion.plugin=" + plugin.replaceFirst(".*:", "");
  }

  /** A build of a POM that has the plugin's version in {@code version.plugin}. */
  ProcessBuilder build(Path where, String phase) {
    return maven(where, phase, versionOfPlugin());
  }

  /** Goals without a POM. */
  ProcessBuilder goals(Path where, List<String> goals, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    goals.forEach(goal -> arguments.add(plugin + ":" + goal));
    return maven(where, arguments.toArray(String[]::new));
  }

  private ProcessBuilder maven(Path where, String... arguments) {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(where.toFile()).redirectErrorStream(true);
    builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    return builder;
  }
}
