/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.embedded.TestBundle;
import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleSourceTest {

  private static final byte[] ARCHIVE = TestBundle.archive();
  private static final String NAME = "slurm-24.11-linux-x86_64";
  private static final BundleName SLURM =
      new BundleName(BundleName.Content.SLURM, "24.11", "linux-x86_64");

  private final Path directory;

  BundleSourceTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path jar(String description) throws IOException {
    Path jar = directory.resolve("bundle.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry(BundleSource.RESOURCES + NAME + ".properties"));
      zip.write(description.getBytes(StandardCharsets.ISO_8859_1));
      zip.putNextEntry(new ZipEntry(BundleSource.RESOURCES + NAME + ".tar.xz"));
      zip.write(ARCHIVE);
    }
    return jar;
  }

  private static void assertFinds(BundleSource source) throws IOException {
    BundleFile file = source.find(SLURM).orElseThrow();
    assertThat(file.version()).isEqualTo("24.11.5");
    assertThat(file.sha256()).isEqualTo(TestBundle.sha256(ARCHIVE));
    assertThat(file.unpackedSize()).isEqualTo(10_000);
    assertThat(file.archive().read()).isEqualTo(ARCHIVE);
    assertThat(source.find(new BundleName(BundleName.Content.SLURM, "24.11", "linux-aarch64")))
        .isEmpty();
    assertThat(source.find(new BundleName(BundleName.Content.SLURM, "22.05", "linux-x86_64")))
        .isEmpty();
  }

  @Test
  void absenceFromTheClassPathNamesTheDependency() {
    BundleSource source = BundleSource.classPath(ClassLoader.getPlatformClassLoader());

    assertThat(source.find(SLURM)).isEmpty();
    assertThat(source.absence(SLURM))
        .isEqualTo(
            "The class path has no programs of Slurm 24.11 for this machine (linux-x86_64). Add the"
                + " dependency io.github.slurmmaven:slurm-bundle-24.11:24.11.5-1 with the"
                + " classifier slurm-linux-x86_64 and, for tests, the scope test; or set engine to"
                + " docker.");
  }

  @Test
  void jarHasThem() throws IOException {
    assertFinds(BundleSource.jar(jar(TestBundle.description(ARCHIVE))));
  }

  @Test
  void directoryHasThem() throws IOException {
    Files.write(directory.resolve(NAME + ".tar.xz"), ARCHIVE);
    Files.writeString(directory.resolve(NAME + ".properties"), TestBundle.description(ARCHIVE));

    assertFinds(BundleSource.directory(directory));
  }

  @Test
  void classPathHasNoneOfAPlatformThatThereIsNot() {
    assertThat(
            BundleSource.classPath()
                .find(new BundleName(BundleName.Content.SLURM, "24.11", "linux-vax")))
        .isEmpty();
  }

  @Test
  void invalidJarIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("bundle.jar"), "no zip file");

    assertThatThrownBy(() -> BundleSource.jar(file).find(SLURM))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining(file + " cannot be read");
  }

  @Test
  void jarThatIsGoneBeforeItsArchiveIsReadIsNamed() throws IOException {
    Path file = jar(TestBundle.description(ARCHIVE));
    BundleFile bundle = BundleSource.jar(file).find(SLURM).orElseThrow();
    Files.delete(file);

    assertThatThrownBy(() -> bundle.archive().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void descriptionMustBeWhole() throws IOException {
    Path file = jar("version=24.11.5\n");

    assertThatThrownBy(() -> BundleSource.jar(file).find(SLURM))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContainingAll(file.toString(), "has no sha256");
  }
}
