/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Tag("embedded")
@Timeout(120)
class SshServerCommandIT {

  private final Path directory;
  private final SshServerCommand server;
  private final Path archive;

  SshServerCommandIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    server = SshServerCommand.in(directory.resolve("two words"));
    archive = server.archive();
  }

  /** The output of a command that is to end by itself. */
  private String output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return output;
  }

  /** A class archive can only be made of jars, and our classes are not in one yet. */
  private List<String> withJar(List<String> command) throws IOException {
    Path classes = Path.of("target/classes").toAbsolutePath();
    Path jar = directory.resolve("classes.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, entries);
      }
    }
    List<String> changed = new ArrayList<>(command);
    changed.replaceAll(
        word ->
            word.startsWith(classes + ":")
                ? jar + word.substring(classes.toString().length())
                : word);
    return changed;
  }

  private String startWithoutSettings() throws IOException, InterruptedException {
    return output(withJar(server.run(Path.of("/no/settings"))));
  }

  private static final String MISTAKE =
      "The SSH server cannot start: the settings /no/settings cannot be read";

  @Test
  void startsTheServerByAnArchiveThatItMadeItself() throws Exception {
    assertThat(output(withJar(server.train(archive))))
        .startsWith("The SSH server listens on 127.0.0.1:")
        .hasLineCount(1);

    assertThat(archive).isNotEmptyFile();
    assertThat(files(directory))
        .containsExactlyInAnyOrder(archive.getParent(), directory.resolve("classes.jar"));
    assertThat(files(archive.getParent())).hasSize(2).contains(archive);
    assertThat(server.run(Path.of("/no/settings"))).contains("-XX:SharedArchiveFile=" + archive);
    assertThat(startWithoutSettings()).startsWith(MISTAKE);
  }

  @Test
  void startsTheServerWithoutAnArchive() throws Exception {
    assertThat(startWithoutSettings()).startsWith(MISTAKE);
  }

  @Test
  void startsTheServerByADamagedArchiveToo() throws Exception {
    Files.writeString(archive, "not an archive");

    assertThat(startWithoutSettings()).startsWith(MISTAKE);
  }

  @Test
  void leavesNothingWhereNoArchiveCanBeMade() throws Exception {
    output(server.train(directory.resolve("missing/archive.jsa")));

    assertThat(files(directory)).containsExactly(archive.getParent());
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void namesOfArchiveAndJarAreTheSameForTheSameJavaAndJars() throws Exception {
    Path cache = directory.resolve("cache");
    SshServerCommand first = SshServerCommand.in(cache);
    SshServerCommand second = SshServerCommand.in(cache);

    assertThat(second.archive()).hasParentRaw(cache).isEqualTo(first.archive());
    assertThat(second.archive().getFileName().toString()).matches("ssh-server-[0-9a-f]{16}\\.jsa");
    assertThat(second.run(Path.of("settings"))).isEqualTo(first.run(Path.of("settings")));
    assertThat(files(cache)).hasSize(1);
  }

  /** Within Maven, the logging API that our classes see is Maven's own. */
  @Test
  void classPathHasItsOwnLoggingLibrary() throws Exception {
    List<String> command = server.run(Path.of("settings"));
    List<String> jars =
        List.of(command.get(command.indexOf("-cp") + 1).split(File.pathSeparator, -1));
    Path callers =
        Path.of(LoggerFactory.class.getProtectionDomain().getCodeSource().getLocation().toURI());

    assertThat(jars).doesNotContain(callers.toString());
    assertThat(jars.get(jars.size() - 1)).startsWith(archive.getParent().toString());
    try (URLClassLoader own =
        new URLClassLoader(
            new URL[] {Path.of(jars.get(jars.size() - 1)).toUri().toURL()},
            ClassLoader.getPlatformClassLoader())) {
      assertThat(own.loadClass(LoggerFactory.class.getName()).getClassLoader()).isSameAs(own);
    }
  }
}
