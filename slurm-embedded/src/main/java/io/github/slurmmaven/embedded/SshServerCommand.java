/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.scp.server.ScpCommandFactory;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.slf4j.LoggerFactory;

/**
 * The command lines of the server: by the Java that runs now, with the jars that hold the classes
 * here, wherever Maven has put them.
 *
 * <p>A Java virtual machine starts twice as fast when it finds its classes in an archive of its own
 * making (application class-data sharing); one that does not fit, or is damaged, it leaves alone.
 */
public final class SshServerCommand {

  private static final int DIGITS = 16;

  /** One class of each jar that the server needs. */
  private static final List<Class<?>> NEEDED =
      List.of(
          SshServer.class,
          org.apache.sshd.server.SshServer.class,
          SecurityUtils.class,
          SftpSubsystemFactory.class,
          ScpCommandFactory.class,
          LoggerFactory.class);

  private SshServerCommand() {}

  /**
   * The command that runs the server.
   *
   * @param settings file of its settings
   * @param archive its class archive, which need not exist
   */
  public static List<String> run(Path settings, Path archive) {
    List<String> command = new ArrayList<>(java());
    if (Files.exists(archive)) {
      command.add("-XX:SharedArchiveFile=" + archive);
    }
    command.addAll(List.of(SshServer.class.getName(), settings.toString()));
    return command;
  }

  /**
   * The command that makes the class archive, within seconds and at the cost of a processor. It can
   * run beside anything, also beside itself, and needs nobody to wait for it.
   *
   * @param archive where to put it
   */
  public static List<String> train(Path archive) {
    Path fresh = archive.resolveSibling(archive.getFileName() + "." + UUID.randomUUID());
    List<String> command =
        new ArrayList<>(
            List.of(
                "/bin/sh",
                "-c",
                "fresh=$1; shift; \"$@\" && mv -f \"$fresh\" \"$0\"; rm -f \"$fresh\"",
                archive.toString(),
                fresh.toString()));
    command.addAll(java());
    command.add("-XX:ArchiveClassesAtExit=" + fresh);
    command.add(Training.class.getName());
    command.add(Objects.requireNonNull(archive.toAbsolutePath().getParent()).toString());
    return command;
  }

  /**
   * Where the class archive of this Java and these jars is.
   *
   * @param directory where such archives are kept
   */
  public static Path archive(Path directory) {
    String key =
        Stream.concat(
                Stream.of(
                    System.getProperty("java.home"),
                    System.getProperty("java.vm.version"),
                    System.getProperty("os.arch")),
                jars().stream().map(SshServerCommand::fingerprint))
            .collect(Collectors.joining("\n"));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return directory.resolve(
          "ssh-server-" + HexFormat.of().formatHex(digest).substring(0, DIGITS) + ".jsa");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static List<String> java() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xms8m",
        "-Xmx64m",
        "-Xss512k",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        // What it says of an archive that it leaves alone.
        "-Xlog:disable",
        "-Dslf4j.internal.verbosity=ERROR",
        "-cp",
        jars().stream()
            .map(Path::toString)
            .collect(Collectors.joining(java.io.File.pathSeparator)));
  }

  private static List<Path> jars() {
    return NEEDED.stream().map(SshServerCommand::home).distinct().toList();
  }

  private static Path home(Class<?> type) {
    CodeSource source = Objects.requireNonNull(type.getProtectionDomain().getCodeSource());
    URL location = source.getLocation();
    try {
      return Path.of(location.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(type + " does not come from a file: " + location, e);
    }
  }

  private static String fingerprint(Path jar) {
    try {
      return jar + " " + Files.size(jar) + " " + Files.getLastModifiedTime(jar).toMillis();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
