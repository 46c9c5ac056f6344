/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * What takes the place of enroot's privileged helpers: layers, as tar unpacked them, become one
 * tree. Layer 1 is the topmost, as enroot numbers them, and 0 is enroot's own.
 */
@EnabledIf("pythonIsHere")
class LayerMergeTest {

  private static final String SCRIPT = "enroot-mksquashovlfs";

  /** Keeps what it was given instead of making a squashfs of it. */
  private static final String MKSQUASHFS =
      """
      #!/bin/sh
      cp -a "$1" "$2" && shift 2 && echo "$@"
      """;

  private final Path directory;

  LayerMergeTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static boolean pythonIsHere() {
    return Files.isExecutable(Path.of("/usr/bin/python3"));
  }

  @BeforeEach
  void installPrograms() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(
            ClusterImages.class.getResourceAsStream(
                "/io/github/slurmmaven/images/pyxis/rootfs/usr/local/bin/" + SCRIPT))) {
      Files.copy(script, directory.resolve(SCRIPT));
    }
    Path mksquashfs = Files.writeString(directory.resolve("mksquashfs"), MKSQUASHFS);
    mode(mksquashfs, "rwxr-xr-x");
    Files.createDirectory(directory.resolve("0"));
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private Path file(String path, String content) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private Path link(String path, String target) throws IOException {
    Path link = directory.resolve(path);
    Files.createDirectories(link.getParent());
    return Files.createSymbolicLink(link, Path.of(target));
  }

  /** Merges the layers, and returns the options that came to mksquashfs. */
  private String merge(int layers) throws Exception {
    StringBuilder all = new StringBuilder("0");
    for (int layer = 1; layer <= layers; layer++) {
      all.append(':').append(layer);
    }
    ProcessBuilder builder =
        new ProcessBuilder(
                "/usr/bin/python3",
                "-I",
                SCRIPT,
                all.toString(),
                "result",
                "-all-root",
                "-comp",
                "lzo")
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.environment().put("PATH", directory + ":/usr/bin:/bin");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }

  private List<String> result() throws IOException {
    Path root = directory.resolve("result");
    List<String> found = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.filter(path -> !path.equals(root)).sorted().toList()) {
        found.add(
            root.relativize(path)
                + (Files.isSymbolicLink(path)
                    ? " -> " + Files.readSymbolicLink(path)
                    : Files.isDirectory(path) ? "/" : " = " + Files.readString(path)));
      }
    }
    return found;
  }

  @Test
  void upperLayersGoOverLowerOnes() throws Exception {
    file("2/etc/a", "below");
    file("2/etc/b", "below");
    file("1/etc/b", "above");
    file("1/opt/c", "above");
    file("0/etc/rc", "enroot");

    assertThat(merge(2)).isEqualTo("-mem 128M -all-root -comp lzo");
    assertThat(result())
        .containsExactly(
            "etc/", "etc/a = below", "etc/b = above", "etc/rc = enroot", "opt/", "opt/c = above");
  }

  @Test
  void markersRemoveWhatIsBelowAndNothingOfTheirOwnLayer() throws Exception {
    file("3/d/gone", "");
    file("3/d/kept", "lowest");
    file("3/tree/deep/file", "");
    file("2/d/again", "middle");
    file("2/d/.wh.gone", "");
    file("2/.wh.tree", "");
    file("2/.wh.never", "");
    file("1/d/.wh.again", "");
    file("1/d/again", "top");
    file("1/new/.wh.nothing", "");

    merge(3);

    assertThat(result()).containsExactly("d/", "d/again = top", "d/kept = lowest", "new/");
  }

  @Test
  void opaqueDirectoryHidesAllBelow() throws Exception {
    file("2/d/a", "");
    file("2/d/sub/b", "");
    link("2/d/link", "a");
    file("2/e/kept", "kept");
    file("1/d/.wh..wh..opq", "");
    file("1/d/c", "above");
    file("1/d/sub/d", "above");

    merge(2);

    assertThat(result())
        .containsExactly("d/", "d/c = above", "d/sub/", "d/sub/d = above", "e/", "e/kept = kept");
  }

  @Test
  void kindsTakeEachOthersPlace() throws Exception {
    file("2/dir-to-file/inside", "");
    file("2/dir-to-link/inside", "");
    file("2/file-to-dir", "");
    link("2/link-to-dir", "elsewhere");
    file("2/elsewhere/mine", "untouched");
    link("2/link-to-file", "elsewhere/mine");
    file("1/dir-to-file", "now a file");
    link("1/dir-to-link", "elsewhere");
    file("1/file-to-dir/inside", "now a directory");
    file("1/link-to-dir/inside", "real");
    file("1/link-to-file", "own");

    merge(2);

    assertThat(result())
        .containsExactly(
            "dir-to-file = now a file",
            "dir-to-link -> elsewhere",
            "elsewhere/",
            "elsewhere/mine = untouched",
            "file-to-dir/",
            "file-to-dir/inside = now a directory",
            "link-to-dir/",
            "link-to-dir/inside = real",
            "link-to-file = own");
  }

  @Test
  void linksModesAndTimesStay() throws Exception {
    Path one = file("1/one", "shared");
    Files.createLink(directory.resolve("1/two"), one);
    Path program = file("1/bin/program", "");
    Files.setAttribute(program, "unix:mode", 0104755);
    Path time = file("1/d/file", "").getParent();
    mode(time, "rwxrwx---");
    FileTime then = FileTime.from(Instant.parse("2001-02-03T04:05:06Z"));
    Files.setLastModifiedTime(time, then);

    merge(1);

    Path result = directory.resolve("result");
    assertThat(Files.getAttribute(result.resolve("one"), "unix:nlink")).isEqualTo(2);
    assertThat(Files.getAttribute(result.resolve("one"), "unix:ino"))
        .isEqualTo(Files.getAttribute(result.resolve("two"), "unix:ino"));
    assertThat((int) Files.getAttribute(result.resolve("bin/program"), "unix:mode") & 07777)
        .isEqualTo(04755);
    assertThat(Files.getPosixFilePermissions(result.resolve("d")))
        .isEqualTo(PosixFilePermissions.fromString("rwxrwx---"));
    assertThat(Files.getLastModifiedTime(result.resolve("d"))).isEqualTo(then);
  }

  @Test
  void whatIsClosedIsOpenedForItsOwner() throws Exception {
    file("2/closed/old", "");
    mode(directory.resolve("2/closed"), "r-xr-xr-x");
    file("1/closed/new", "new");
    file("1/closed/.wh.old", "");
    mode(directory.resolve("1/closed"), "r-xr-xr-x");
    mode(file("1/secret", "of root"), "---------");

    merge(2);

    assertThat(result()).containsExactly("closed/", "closed/new = new", "secret = of root");
  }
}
