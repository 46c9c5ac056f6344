/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import static io.github.slurmmaven.backend.embedded.bundle.BundleName.Content.SLURM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.embedded.TestBundle;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class BundleCacheTest {

  private static final BundlePlatform LINUX = new BundlePlatform("Linux", "amd64");
  private static final SlurmVersion VERSION = SlurmVersion.V24_11;
  private static final byte[] ARCHIVE = TestBundle.archive();

  /** Its name has a space and letters that are not ASCII, as a user's home may have. */
  private final Path directory;

  private final List<String> warnings = new ArrayList<>();
  private final AtomicInteger reads = new AtomicInteger();

  BundleCacheTest(@TempDir Path directory) throws IOException {
    this.directory = directory.toRealPath().resolve("ein Büro/Café 漢");
  }

  private final Progress progress =
      new Progress() {
        @Override
        public void step(String message) {}

        @Override
        public void warn(String message) {
          warnings.add(message);
        }

        @Override
        public void detail(String message) {}
      };

  /** Has one bundle, and counts how often its archive is read. */
  private BundleSource source(byte[] archive) {
    BundleFile file = TestBundle.file(archive);
    return name ->
        name.release().equals("24.11") && name.platform().equals("linux-x86_64")
            ? Optional.of(
                new BundleFile(
                    file.version(),
                    file.sha256(),
                    file.unpackedSize(),
                    file.origin(),
                    () -> {
                      reads.incrementAndGet();
                      return file.archive().read();
                    }))
            : Optional.empty();
  }

  private BundleCache cache(Path directory) {
    return new BundleCache(directory, source(ARCHIVE), LINUX, progress);
  }

  private Bundle open() {
    return cache(directory).open(SLURM, VERSION);
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> !file.endsWith(".lock")).sorted().toList();
    }
  }

  @Nested
  @DisplayName("the first time")
  class First {

    @Test
    void everyFileIsThereWithItsKindAndMode() throws IOException {
      Bundle bundle = open();

      assertThat(bundle.root()).hasParent(directory).isDirectory();
      assertThat(bundle.release()).isEqualTo("24.11");
      assertThat(bundle.version()).isEqualTo("24.11.5");
      assertThat(bundle.root().resolve("PACKAGES")).hasContent("slurmd");
      assertThat(bundle.program("script")).isExecutable().hasContent("#!/bin/sh\n");
      assertThat(bundle.plugins().resolve("auth_munge.so")).isRegularFile();
      assertThat(Files.isExecutable(bundle.root().resolve("PACKAGES"))).isFalse();
      assertThat(bundle.root().resolve("lib/libc.so"))
          .isSymbolicLink()
          .hasSameBinaryContentAs(bundle.root().resolve("lib/libc.so.6"));
    }

    @Test
    void machinesOfDifferentProcessorsShareACache() throws IOException {
      byte[] arm = TestBundle.archive(TestBundle.LONGEST_INTERPRETER, "ld-linux-aarch64.so.1");
      BundleSource both =
          name ->
              Optional.of(TestBundle.file(name.platform().equals("linux-aarch64") ? arm : ARCHIVE));

      Bundle here = new BundleCache(directory, both, LINUX, progress).open(SLURM, VERSION);
      Bundle there =
          new BundleCache(directory, both, new BundlePlatform("Linux", "aarch64"), progress)
              .open(SLURM, VERSION);

      assertThat(list(directory)).containsExactlyInAnyOrder(here.root(), there.root());
      assertThat(there.root().getFileName().toString()).startsWith("24.11-linux-aarch64-");
      assertThat(TestBundle.interpreter(here.program("slurmctld")))
          .isEqualTo(here.root() + "/lib/ld-linux-x86-64.so.2");
      assertThat(TestBundle.interpreter(there.program("slurmctld")))
          .isEqualTo(there.root() + "/lib/ld-linux-aarch64.so.1");
    }

    @Test
    void programsNameTheLoaderWhereItIs() throws IOException {
      Bundle bundle = open();

      assertThat(TestBundle.interpreter(bundle.program("slurmctld")))
          .isEqualTo(bundle.root() + "/lib/ld-linux-x86-64.so.2");
      assertThat(Files.readString(bundle.program("slurmctld"), StandardCharsets.ISO_8859_1))
          .endsWith("the rest");
      assertThat(TestBundle.interpreter(bundle.root().resolve("lib/libc.so.6")))
          .isEqualTo(TestBundle.SYSTEM_LOADER);
    }

    @Test
    void nothingElseIsLeftInTheCache() throws IOException {
      Bundle bundle = open();

      assertThat(list(directory)).containsExactly(bundle.root());
    }

    @Test
    void linkedCacheIsKnownByItsRealPath() throws IOException {
      Path real = Files.createDirectories(directory.resolve("real"));
      Path link = Files.createSymbolicLink(directory.resolve("link"), real);

      assertThat(cache(link).open(SLURM, VERSION)).isEqualTo(cache(real).open(SLURM, VERSION));
      assertThat(reads).hasValue(1);
    }

    @Test
    void manyAtOnceUnpackOnce() throws Exception {
      int builds = 6;
      CountDownLatch start = new CountDownLatch(builds);
      Callable<Bundle> build =
          () -> {
            start.countDown();
            start.await();
            return open();
          };
      ExecutorService threads = Executors.newFixedThreadPool(builds);
      List<Future<Bundle>> bundles = new ArrayList<>();
      try {
        for (int i = 0; i < builds; i++) {
          bundles.add(threads.submit(build));
        }
        for (Future<Bundle> bundle : bundles) {
          assertThat(bundle.get()).isEqualTo(bundles.get(0).get());
        }
      } finally {
        threads.shutdownNow();
      }

      assertThat(reads).hasValue(1);
      assertThat(list(directory)).hasSize(1);
    }
  }

  @Nested
  @DisplayName("every other time")
  class Again {

    private final Bundle bundle = open();

    @Test
    void nothingIsUnpacked() {
      assertThat(open()).isEqualTo(bundle);
      assertThat(reads).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bin/slurmctld", "lib/slurm/auth_munge.so", ".manifest", "lib/libc.so"})
    void missingFileIsNoticedAndMended(String name) throws IOException {
      Files.delete(bundle.root().resolve(name));

      assertMended();
      assertThat(bundle.root().resolve(name)).exists();
    }

    @Test
    void truncatedFileIsNoticedAndMended() throws IOException {
      Files.write(bundle.program("script"), new byte[0]);

      assertMended();
      assertThat(bundle.program("script")).hasContent("#!/bin/sh\n");
    }

    @Test
    void changedFileOfTheSameSizeIsNoticedAndMended() throws IOException {
      Path file = bundle.program("script");
      Files.writeString(file, "#!/bin/no\n");
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));

      assertMended();
      assertThat(file).hasContent("#!/bin/sh\n");
    }

    @Test
    void lostPermissionIsNoticedAndMended() throws IOException {
      Files.setPosixFilePermissions(
          bundle.program("slurmctld"), PosixFilePermissions.fromString("rw-r--r--"));

      assertMended();
      assertThat(bundle.program("slurmctld")).isExecutable();
    }

    private void assertMended() throws IOException {
      assertThat(open()).isEqualTo(bundle);
      assertThat(reads).hasValue(2);
      assertThat(warnings)
          .singleElement()
          .asString()
          .contains(bundle.root() + " was damaged: it is replaced");
      assertThat(list(directory)).containsExactly(bundle.root());
      assertThat(open()).isEqualTo(bundle);
      assertThat(reads).as("the mended one is found intact").hasValue(2);
    }

    @Test
    void whatAKilledBuildLeftIsRemovedByTheNextUnpacking() throws IOException {
      Path left = Files.createDirectories(directory.resolve(".work-123/bin"));
      Files.writeString(left.resolve("slurmctld"), "half");
      Files.delete(bundle.root().resolve(".manifest"));

      open();

      assertThat(list(directory)).containsExactly(bundle.root());
    }

    @Test
    void movedCacheIsUnpackedAgainForItsNewPath() throws IOException {
      Path moved = Files.move(directory, directory.resolveSibling("moved"));

      Bundle there = cache(moved).open(SLURM, VERSION);

      assertThat(there.root()).hasParent(moved);
      assertThat(TestBundle.interpreter(there.program("slurmctld")))
          .isEqualTo(there.root() + "/lib/ld-linux-x86-64.so.2");
    }

    @Test
    void anotherBuildOfTheBundleIsBesideIt() {
      Bundle other =
          new BundleCache(directory, source(TestBundle.archive(999)), LINUX, progress)
              .open(SLURM, VERSION);

      assertThat(other.root()).isNotEqualTo(bundle.root());
      assertThat(open()).isEqualTo(bundle);
      assertThat(warnings).isEmpty();
    }

    private Path unusedFor(int days, String key) throws IOException {
      Path other =
          Files.createDirectories(directory.toRealPath().resolve("24.11-linux-x86_64-" + key));
      Files.createDirectories(other.resolve("bin"));
      Files.setLastModifiedTime(other, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
      return other;
    }

    @Test
    void oneThatNobodyHasOpenedForAMonthIsRemovedByTheNextUnpacking() throws IOException {
      Path unused = unusedFor(31, "0123456789ab");
      Path used = unusedFor(29, "ba9876543210");
      Path foreign = Files.createDirectories(directory.resolve("something-else"));
      Files.setLastModifiedTime(foreign, FileTime.from(Instant.EPOCH));
      Path oldArchive = Files.createFile(directory.resolve("ssh-server-0123456789abcdef.jsa"));
      Files.setLastModifiedTime(oldArchive, FileTime.from(Instant.EPOCH));
      Path newArchive = Files.createFile(directory.resolve("ssh-server-fedcba9876543210.jsa"));
      Files.delete(bundle.root().resolve(".manifest"));

      open();

      assertThat(unused).doesNotExist();
      assertThat(oldArchive).doesNotExist();
      assertThat(list(directory))
          .containsExactlyInAnyOrder(bundle.root(), used, foreign, newArchive);
    }

    @Test
    void oneThatRunsIsKept() throws Exception {
      Path unused = unusedFor(31, "0123456789ab");
      Path program = Files.copy(Path.of("/bin/sleep").toRealPath(), unused.resolve("bin/sleep"));
      Files.setLastModifiedTime(unused, FileTime.from(Instant.EPOCH));
      Process running = new ProcessBuilder(program.toString(), "600").start();
      try {
        Files.delete(bundle.root().resolve(".manifest"));

        open();

        assertThat(program).exists();
      } finally {
        running.destroyForcibly().waitFor();
      }
    }

    @Test
    void openingOneCountsAsUse() throws IOException {
      Files.setLastModifiedTime(bundle.root(), FileTime.from(Instant.EPOCH));

      open();

      assertThat(Files.getLastModifiedTime(bundle.root()).toInstant())
          .isAfter(Instant.now().minus(Duration.ofDays(1)));
    }
  }

  @Nested
  @DisplayName("where it cannot run")
  class Impossible {

    private void assertMistake(BundleCache cache, String... parts) {
      assertThatThrownBy(() -> cache.open(SLURM, VERSION))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContainingAll(parts);
    }

    @ParameterizedTest
    @CsvSource({"Mac OS X, aarch64", "Windows 11, amd64"})
    void otherSystemsAreSentToDocker(String system, String processor) {
      assertMistake(
          new BundleCache(
              directory, source(ARCHIVE), new BundlePlatform(system, processor), progress),
          "run on Linux only, not on " + system,
          "install Docker",
          "set engine to docker");
      assertThat(directory).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"aarch64, linux-aarch64", "arm64, linux-aarch64", "ppc64le, linux-ppc64le"})
    void otherProcessorsAreSentToDocker(String processor, String name) {
      assertMistake(
          new BundleCache(
              directory, source(ARCHIVE), new BundlePlatform("Linux", processor), progress),
          "no bundle of Slurm 24.11 for this machine (" + name + ")",
          "install Docker");
    }

    @Test
    void releaseWithoutBundleIsSentToDocker() {
      assertThatThrownBy(() -> cache(directory).open(SLURM, SlurmVersion.V22_05))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("no bundle of Slurm 22.05")
          .message()
          .doesNotContain("build-bundle.sh");
    }

    @Test
    void missingAccountingIsSaidToBeForAccounting() {
      assertThatThrownBy(
              () -> cache(directory).open(BundleName.Content.ACCOUNTING, SlurmVersion.V22_05))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith(
              "Accounting (accounting=true) needs MariaDB and slurmdbd beside Slurm. There is no"
                  + " bundle of slurmdbd 22.05 and MariaDB for this machine (linux-x86_64).")
          .hasMessageContaining("set engine to docker");
    }

    @Test
    void bothBundlesOfAReleaseShareACache() throws IOException {
      BundleCache cache = cache(directory);

      Bundle slurm = cache.open(SLURM, VERSION);
      Bundle accounting = cache.open(BundleName.Content.ACCOUNTING, VERSION);

      assertThat(list(directory)).containsExactlyInAnyOrder(slurm.root(), accounting.root());
      assertThat(accounting.root().getFileName().toString())
          .startsWith("24.11-accounting-linux-x86_64-");
      assertThat(accounting.program("mariadbd")).isExecutable();
    }

    @Test
    void releaseThatDebianDoesNotPackageIsSentToTheScriptThatMakesABundle() {
      assertThatThrownBy(() -> cache(directory).open(SLURM, SlurmVersion.of("25.11.4")))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("no bundle of Slurm 25.11.4")
          .hasMessageEndingWith(
              "Bundles are released for Slurm 22.05, 24.11, 26.05. For another release,"
                  + " build-bundle.sh in slurm-embedded of the plugin's sources makes one from Slurm's"
                  + " source archive (SLURM_SOURCE).");
    }

    @Test
    void cacheThatCannotBeWrittenIsNamed() throws IOException {
      Files.createDirectories(directory.getParent());
      Files.writeString(directory, "in the way");

      assertMistake(
          cache(directory.resolve("cache")),
          "cannot be unpacked into the cache " + directory.resolve("cache"),
          "XDG_CACHE_HOME");
    }

    @Test
    void cacheThatMayNotBeExecutedIsNamedWithItsMount() {
      assertMistake(
          new BundleCache(
              directory, source(ARCHIVE), LINUX, progress, file -> !file.endsWith("slurmctld")),
          "cannot be run from the cache " + directory,
          "is mounted noexec",
          "XDG_CACHE_HOME");
    }

    @Test
    void fullDiskIsNoticedBeforeItIsFull() throws IOException {
      BundleFile file = TestBundle.file(ARCHIVE);
      BundleSource huge =
          name ->
              Optional.of(
                  new BundleFile(
                      file.version(),
                      file.sha256(),
                      Long.MAX_VALUE / 2,
                      file.origin(),
                      file.archive()));

      assertMistake(
          new BundleCache(directory, huge, LINUX, progress),
          "Slurm's programs need ",
          " MB in the cache " + directory,
          " MB are free",
          "XDG_CACHE_HOME");
      assertThat(list(directory)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {":", "#", "\"", "\\", "\n"})
    void pathThatSlurmConfDoesNotTakeIsRefused(String character) {
      Path place = directory.resolve("a" + character + "b");

      assertMistake(
          cache(place),
          place.toString(),
          "slurm.conf does not take: '" + character,
          "XDG_CACHE_HOME");
    }

    @Test
    void pathThatIsTooLongForALoaderIsRefused() throws IOException {
      BundleCache cache =
          new BundleCache(directory, source(TestBundle.archive(50)), LINUX, progress);

      assertMistake(
          cache, "is too long", directory.toString(), "50 are possible", "XDG_CACHE_HOME");
      cache(directory).open(SLURM, VERSION);
      assertThat(list(directory)).hasSize(1);
    }
  }

  @Nested
  @DisplayName("a broken bundle")
  class Broken {

    private BundleCache cache(BundleFile.Content content) {
      BundleFile file = TestBundle.file(ARCHIVE);
      return new BundleCache(
          directory,
          name ->
              Optional.of(
                  new BundleFile(
                      file.version(),
                      file.sha256(),
                      file.unpackedSize(),
                      "/repository/bundle.jar",
                      content)),
          LINUX,
          progress);
    }

    @Test
    void isNotUnpackedWhenItsDigestIsAnother() throws IOException {
      byte[] damaged = ARCHIVE.clone();
      damaged[100] ^= 1;

      assertThatThrownBy(() -> cache(() -> damaged).open(SLURM, VERSION))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContainingAll(
              "The bundle of Slurm 24.11.5 is damaged: /repository/bundle.jar",
              TestBundle.sha256(damaged),
              TestBundle.sha256(ARCHIVE),
              "Delete it");
      assertThat(list(directory)).isEmpty();
    }

    @Test
    void isNamedWhenItCannotBeRead() {
      assertThatThrownBy(
              () ->
                  cache(
                          () -> {
                            throw new IOException("it is gone");
                          })
                      .open(SLURM, VERSION))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContainingAll("cannot be read from /repository/bundle.jar", "it is gone");
    }

    @Test
    void neverWritesOutsideOfTheCache() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (TarArchiveOutputStream tar =
          new TarArchiveOutputStream(new XZOutputStream(bytes, new LZMA2Options(0)), "UTF-8")) {
        TestBundle.file(tar, "../../outside", 0644, new byte[1]);
      }

      assertThatThrownBy(
              () ->
                  new BundleCache(directory, source(bytes.toByteArray()), LINUX, progress)
                      .open(SLURM, VERSION))
          .hasMessageContaining("../../outside");
      assertThat(Files.exists(directory.resolve("../outside"), LinkOption.NOFOLLOW_LINKS))
          .isFalse();
    }
  }

  @Nested
  @DisplayName("the user's directory")
  class UserDirectory {

    @Test
    void isInTheCacheOfTheSystem() {
      assertThat(BundleCache.userDirectory(Map.of("XDG_CACHE_HOME", "/x/cache", "HOME", "/home/u")))
          .isEqualTo(Path.of("/x/cache/slurm-maven-plugin/embedded"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative/cache"})
    void isInTheHomeWhenNoCacheIsNamed(String cache) {
      assertThat(BundleCache.userDirectory(Map.of("XDG_CACHE_HOME", cache, "HOME", "/home/u")))
          .isEqualTo(Path.of("/home/u/.cache/slurm-maven-plugin/embedded"));
    }

    @Test
    void mustBeNamedWhenThereIsNoHome() {
      assertThatThrownBy(() -> BundleCache.userDirectory(Map.of("HOME", "?")))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContainingAll("neither XDG_CACHE_HOME nor HOME", "Set the environment");
    }
  }
}
