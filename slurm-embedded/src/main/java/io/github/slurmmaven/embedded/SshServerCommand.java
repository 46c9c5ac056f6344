/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
import org.apache.sshd.common.CommonModuleProperties;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.scp.ScpModuleProperties;
import org.apache.sshd.sftp.SftpModuleProperties;

/**
 * The command lines of the server. They use the running Java and the jars from which these classes
 * were loaded. The logging API is an exception: within Maven it is Maven's own, which prints lines
 * of its own, so the server uses a copy in the user's cache.
 *
 * <p>A Java virtual machine starts twice as fast with a class archive (application class-data
 * sharing). It ignores an archive that does not match or is damaged.
 */
public final class SshServerCommand {

  private static final int DIGITS = 16;

  /**
   * One class of each jar that the server needs, without supertypes, which would be loaded, too.
   */
  private static final List<Class<?>> NEEDED =
      List.of(
          SshServerCommand.class,
          CoreModuleProperties.class,
          CommonModuleProperties.class,
          SftpModuleProperties.class,
          ScpModuleProperties.class);

  /** The logging API, which the build puts among this module's classes. */
  private static final String LOGGING = "slf4j-api.jar";

  private final List<Path> jars;
  private final Path archive;

  private SshServerCommand(List<Path> jars, Path archive) {
    this.jars = jars;
    this.archive = archive;
  }

  /**
   * Prepares the server's class path.
   *
   * @param cache directory for files that this and later commands share; created if it is missing
   * @throws IOException when nothing can be written there
   */
  public static SshServerCommand in(Path cache) throws IOException {
    List<Path> jars =
        Stream.concat(
                NEEDED.stream().map(SshServerCommand::home).distinct(), Stream.of(logging(cache)))
            .toList();
    return new SshServerCommand(jars, cache.resolve("ssh-server-" + key(jars) + ".jsa"));
  }

  /** The name has a digest of the content, so versions can share the cache. */
  private static Path logging(Path cache) throws IOException {
    byte[] content;
    try (InputStream resource =
        Objects.requireNonNull(SshServerCommand.class.getResourceAsStream(LOGGING), LOGGING)) {
      content = resource.readAllBytes();
    }
    Path jar = cache.resolve("ssh-server-" + digest(content) + ".jar");
    if (!Files.exists(jar)) {
      Path fresh =
          Files.createDirectories(cache).resolve(jar.getFileName() + "." + UUID.randomUUID());
      Files.write(fresh, content);
      Files.move(fresh, jar, StandardCopyOption.ATOMIC_MOVE);
    }
    return jar;
  }

  /** Returns the class archive of this Java and these jars, which need not exist. */
  public Path archive() {
    return archive;
  }

  /**
   * Returns the command that runs the server.
   *
   * @param settings file with its settings
   */
  public List<String> run(Path settings) {
    List<String> command = new ArrayList<>(java());
    if (Files.exists(archive)) {
      command.add("-XX:SharedArchiveFile=" + archive);
    }
    command.addAll(List.of(SshServer.class.getName(), settings.toString()));
    return command;
  }

  /**
   * Returns the command that makes the class archive. It uses a processor for some seconds. Several
   * can run at the same time, and no process needs to wait for it.
   *
   * @param made file of the archive
   */
  public List<String> train(Path made) {
    Path fresh = made.resolveSibling(made.getFileName() + "." + UUID.randomUUID());
    List<String> command =
        new ArrayList<>(
            List.of(
                "/bin/sh",
                "-c",
                "fresh=$1; shift; \"$@\" && mv -f \"$fresh\" \"$0\"; rm -f \"$fresh\"",
                made.toString(),
                fresh.toString()));
    command.addAll(java());
    command.add("-XX:ArchiveClassesAtExit=" + fresh);
    command.add(ClassDataArchive.class.getName());
    command.add(Objects.requireNonNull(made.toAbsolutePath().getParent()).toString());
    return command;
  }

  private static String key(List<Path> jars) {
    String key =
        Stream.concat(
                Stream.of(
                    System.getProperty("java.home"),
                    System.getProperty("java.vm.version"),
                    System.getProperty("os.arch")),
                jars.stream().map(SshServerCommand::fingerprint))
            .collect(Collectors.joining("\n"));
    return digest(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String digest(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private List<String> java() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xms8m",
        "-Xmx64m",
        "-Xss512k",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        // Turns off the warning about an archive that is ignored.
        "-Xlog:disable",
        "-Dslf4j.internal.verbosity=ERROR",
        "-cp",
        jars.stream().map(Path::toString).collect(Collectors.joining(java.io.File.pathSeparator)));
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
