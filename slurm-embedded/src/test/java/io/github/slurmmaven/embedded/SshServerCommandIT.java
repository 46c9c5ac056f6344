/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SshServerCommandIT {

  private final Path directory;
  private final Path archive;

  SshServerCommandIT(@TempDir Path directory) {
    this.directory = directory;
    archive = directory.resolve("two words.jsa");
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
    return output(withJar(SshServerCommand.run(Path.of("/no/settings"), archive)));
  }

  private static final String MISTAKE =
      "The SSH server cannot start: the settings /no/settings cannot be read";

  @Test
  void startsTheServerByAnArchiveThatItMadeItself() throws Exception {
    assertThat(output(withJar(SshServerCommand.train(archive))))
        .startsWith("The SSH server listens on 127.0.0.1:")
        .hasLineCount(1);

    assertThat(archive).isNotEmptyFile();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactlyInAnyOrder(archive, directory.resolve("classes.jar"));
    }
    assertThat(SshServerCommand.run(Path.of("/no/settings"), archive))
        .contains("-XX:SharedArchiveFile=" + archive);
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
    output(SshServerCommand.train(directory.resolve("missing/archive.jsa")));

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void nameOfTheArchiveIsThatOfJavaAndJars() {
    Path name = SshServerCommand.archive(directory);

    assertThat(name).hasParentRaw(directory).isEqualTo(SshServerCommand.archive(directory));
    assertThat(name.getFileName().toString()).matches("ssh-server-[0-9a-f]{16}\\.jsa");
  }
}
