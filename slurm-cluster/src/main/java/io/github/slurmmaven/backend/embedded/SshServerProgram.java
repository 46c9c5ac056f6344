/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.report.SlurmClusterException;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/** The SSH server of a cluster: a Java virtual machine of its own, so that it outlives this one. */
final class SshServerProgram {

  private static final String MAIN = "io.github.slurmmaven.embedded.SshServer";

  /** One class of each jar that it needs. */
  private static final List<String> CLASSES =
      List.of(
          MAIN,
          "org.apache.sshd.server.SshServer",
          "org.apache.sshd.common.SshConstants",
          "org.apache.sshd.scp.server.ScpCommandFactory",
          "org.apache.sshd.sftp.server.SftpSubsystemFactory",
          "org.slf4j.Logger",
          "org.apache.commons.logging.Log");

  private SshServerProgram() {}

  /**
   * Its command line.
   *
   * @param settings file of its settings
   */
  static List<String> command(Path settings) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        // It lives for minutes, and shall be there at once.
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-Xmx128m",
        "-cp",
        classPath(),
        MAIN,
        settings.toString());
  }

  /** The jars by which this virtual machine itself would find the classes. */
  private static String classPath() {
    Set<Path> jars = new LinkedHashSet<>();
    CLASSES.forEach(name -> jars.add(placeOf(name)));
    return jars.stream().map(Path::toString).collect(Collectors.joining(":"));
  }

  private static Path placeOf(String className) {
    String resource = className.replace('.', '/') + ".class";
    URL url = SshServerProgram.class.getClassLoader().getResource(resource);
    if (url == null) {
      throw new SlurmClusterException(
          "The SSH server's class " + className + " is not on the class path");
    }
    try {
      String text = url.toString();
      boolean inJar = text.startsWith("jar:");
      String place =
          inJar
              ? text.substring("jar:".length(), text.indexOf("!/"))
              : text.substring(0, text.length() - resource.length());
      return Path.of(new URI(place));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new SlurmClusterException(url + " is not a file", e);
    }
  }

  /**
   * Writes its settings, for nobody else to read.
   *
   * @param choice its port
   * @param environment variables of sessions
   */
  static void writeSettings(
      Layout layout,
      LocalChoice choice,
      ThisUser user,
      Optional<String> password,
      Map<String, String> environment) {
    Properties properties = new Properties();
    properties.setProperty("port", Integer.toString(choice.sshPort()));
    properties.setProperty("portFile", layout.sshPortFile().toString());
    properties.setProperty(
        "hostKey", layout.directory().resolve("secrets/ssh_host_ed25519_key").toString());
    properties.setProperty(
        "authorizedKeys", layout.directory().resolve("secrets/authorized_keys/slurm").toString());
    properties.setProperty("user", user.name());
    password.ifPresent(value -> properties.setProperty("password", value));
    properties.setProperty("shell", environment.getOrDefault("SHELL", "/bin/sh"));
    properties.setProperty("home", layout.home().toString());
    properties.setProperty(
        "launcher", layout.directory().resolve("bundle/libexec/slurm-pty").toString());
    properties.setProperty("scratch", layout.directory().resolve("run").toString());
    environment.forEach((name, value) -> properties.setProperty("environment." + name, value));
    Path file = layout.sshSettings();
    try {
      Path draft =
          Files.createTempFile(
              file.getParent(),
              ".draft",
              null,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (Writer out = Files.newBufferedWriter(draft, StandardCharsets.UTF_8)) {
        properties.store(out, null);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new SlurmClusterException(file + " cannot be written", e);
    }
  }
}
