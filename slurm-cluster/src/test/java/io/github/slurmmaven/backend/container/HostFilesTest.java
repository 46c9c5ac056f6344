/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFilesTest {

  private final Path directory;

  HostFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** Name to mode and content, as a container will have them. */
  private static Map<String, String> entries(InputStream archive) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(archive, "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        assertThat(entry.getLongUserId()).isZero();
        entries.put(
            entry.getName(),
            Integer.toOctalString(entry.getMode() & 0777)
                + " "
                + new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return entries;
  }

  private Path write(String name, String content, String mode) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void directoryGoesWithItsNamesModesAndContents() throws IOException {
    write("tool/bin/run", "#!/bin/sh", "rwxr-x---");
    write("tool/secret", "s3cret", "rw-------");
    write("tool/ünï", "x", "rw-r--r--");

    assertThat(entries(HostFiles.tar(directory.resolve("tool"), "/opt/tool")))
        .containsEntry("opt/tool/bin/run", "750 #!/bin/sh")
        .containsEntry("opt/tool/secret", "600 s3cret")
        .containsEntry("opt/tool/ünï", "644 x");
  }

  @Test
  void singleFileGetsTheNameOfItsTarget() throws IOException {
    Path file = write("a.txt", "text", "rw-r--r--");

    assertThat(entries(HostFiles.tar(file, "/etc/b.txt")))
        .containsExactly(Map.entry("etc/b.txt", "644 text"));
  }

  @Test
  void linksAreFollowed() throws IOException {
    write("real/file", "text", "rw-r--r--");
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("real"));

    assertThat(entries(HostFiles.tar(link, "/data"))).containsEntry("data/file", "644 text");
  }

  @Test
  void linkInACircleIsTheUsersMistake() throws IOException {
    Path loop = Files.createDirectory(directory.resolve("loop"));
    Files.createSymbolicLink(loop.resolve("self"), loop);

    assertThatThrownBy(() -> HostFiles.tar(loop, "/data"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(loop + " cannot be copied");
  }

  private static byte[] archive(TarArchiveEntry... entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      for (TarArchiveEntry entry : entries) {
        byte[] content = entry.isFile() ? "text".getBytes(StandardCharsets.UTF_8) : new byte[0];
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static TarArchiveEntry link(String name, String target) {
    TarArchiveEntry link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
    link.setLinkName(target);
    return link;
  }

  @Test
  void directoryComesBackAsItWent() throws IOException {
    write("tool/bin/run", "#!/bin/sh", "rwxr-x---");
    write("tool/ünï", "x", "rw-r--r--");
    Path back = directory.resolve("new/back");

    try (InputStream tar = HostFiles.tar(directory.resolve("tool"), "/tool")) {
      HostFiles.unpack(tar, back);
    }

    assertThat(back.resolve("bin/run")).hasContent("#!/bin/sh");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(back.resolve("bin/run"))))
        .isEqualTo("rwxr-x---");
    assertThat(back.resolve("ünï")).hasContent("x");
  }

  @Test
  void singleFileComesBackUnderItsNewNameAndOverwrites() throws IOException {
    Path old = write("old.txt", "old", "rw-r--r--");

    HostFiles.unpack(new ByteArrayInputStream(archive(new TarArchiveEntry("a.txt"))), old);

    assertThat(old).hasContent("text");
  }

  @Test
  void linksComeBackAsLinks() throws IOException {
    Path back = directory.resolve("back");

    HostFiles.unpack(
        new ByteArrayInputStream(archive(new TarArchiveEntry("d/file"), link("d/link", "file"))),
        back);

    assertThat(Files.readSymbolicLink(back.resolve("link"))).isEqualTo(Path.of("file"));
  }

  @Test
  void nothingIsWrittenOutsideOfTheTarget() throws IOException {
    Path back = directory.resolve("back");

    assertThatThrownBy(
            () ->
                HostFiles.unpack(
                    new ByteArrayInputStream(archive(new TarArchiveEntry("d/../../evil", true))),
                    back))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("outside");
    assertThatThrownBy(
            () ->
                HostFiles.unpack(
                    new ByteArrayInputStream(
                        archive(
                            link("d/link", directory.toString()),
                            new TarArchiveEntry("d/link/evil"))),
                    back))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("behind a link");
    assertThat(directory.resolve("evil")).doesNotExist();
  }
}
