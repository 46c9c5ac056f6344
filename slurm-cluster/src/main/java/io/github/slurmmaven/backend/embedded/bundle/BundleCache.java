/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.DirectoryLock;
import io.github.slurmmaven.common.FileTrees;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.common.UserCache;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.embedded.SshServerCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A user's cache of unpacked bundles. The first cluster that needs a version unpacks it. A bundle
 * appears complete or not at all. A damaged bundle is unpacked again.
 */
public final class BundleCache {

  /** Prefix of directories that are not yet, or no longer, a bundle. */
  private static final String WORK = ".work-";

  private static final int KEY_DIGITS = 12;

  /** How long unused programs stay, such as those of earlier versions of the plugin. */
  private static final Duration UNUSED = Duration.ofDays(30);

  /**
   * Names of bundles and of the class archives of {@link SshServerCommand#archive}, whose jar of 70
   * kB is kept.
   */
  private static final Pattern OURS =
      Pattern.compile(
          "[0-9.]+-[a-z0-9_-]+-[0-9a-f]{" + KEY_DIGITS + "}|ssh-server-[0-9a-f]+\\.jsa");

  /**
   * Disk space of a bundle relative to the size of its files, because of blocks and directories.
   */
  private static final double OVERHEAD = 1.1;

  /**
   * {@code PluginDir} of slurm.conf is a list of directories, and a # begins a comment anywhere.
   */
  private static final Pattern UNUSABLE = Pattern.compile("[:#\"\\\\\\p{Cntrl}]");

  private final Path directory;
  private final BundleSource source;
  private final BundlePlatform platform;
  private final Progress progress;
  private final Predicate<Path> executable;

  /**
   * @param directory directory for unpacked bundles; created when needed
   * @param source source of the bundles
   * @param platform platform on which they run
   * @param progress reports when a bundle is unpacked
   */
  public BundleCache(
      Path directory, BundleSource source, BundlePlatform platform, Progress progress) {
    this(directory, source, platform, progress, Files::isExecutable);
  }

  BundleCache(
      Path directory,
      BundleSource source,
      BundlePlatform platform,
      Progress progress,
      Predicate<Path> executable) {
    this.directory = directory.toAbsolutePath();
    this.source = source;
    this.platform = platform;
    this.progress = progress;
    this.executable = executable;
  }

  /**
   * Returns the user's cache: {@code slurm-maven-plugin/embedded} in {@code $XDG_CACHE_HOME}, or in
   * {@code ~/.cache} when it is not set. See the <a
   * href="https://specifications.freedesktop.org/basedir-spec/latest/">XDG Base Directory
   * Specification</a>, by which a relative path there is ignored.
   *
   * @param variables environment variables
   * @throws UserMistakeException when the user has no home directory either
   */
  public static Path userDirectory(Map<String, String> variables) {
    return UserCache.directory(variables)
        .orElseThrow(
            () ->
                new UserMistakeException(
                    "There is no place to unpack Slurm's programs: neither XDG_CACHE_HOME nor HOME"
                        + " is the absolute path of a directory. "
                        + Advice.OTHER_CACHE))
        .resolve("embedded");
  }

  /**
   * Opens a bundle. It is unpacked if it is missing or damaged.
   *
   * @param content what the bundle must contain
   * @param version version of Slurm
   * @throws UserMistakeException when there is no bundle for this machine, or no place to run it
   *     from; the message says what to do
   * @throws SlurmClusterException when the bundle itself is damaged
   */
  public Bundle open(BundleName.Content content, SlurmVersion version) {
    BundleFile file = require(content, version);
    try {
      Path root = root(file, name(content, version));
      if (!BundleManifest.isIntact(root)) {
        unpackOnce(file, root);
      }
      requireExecutable(root.resolve("bin").resolve(content.program()));
      noteUse(root);
      return new Bundle(root, version.release(), file.version());
    } catch (IOException e) {
      throw unwritable(directory, "Slurm's programs", e);
    }
  }

  public static UserMistakeException unwritable(Path directory, String what, IOException e) {
    return new UserMistakeException(
        "%s cannot be unpacked into the cache %s: %s. %s"
            .formatted(what, directory, FileFailure.of(e), Advice.OTHER_CACHE),
        e);
  }

  /**
   * Finds a bundle, without unpacking it.
   *
   * @throws UserMistakeException when there is no bundle for this machine
   */
  public BundleFile require(BundleName.Content content, SlurmVersion version) {
    BundleName name = name(content, version);
    return source
        .find(name)
        .orElseThrow(
            () ->
                new UserMistakeException(
                    (content == BundleName.Content.ACCOUNTING ? Advice.NEEDED_FOR_ACCOUNTING : "")
                        + source.absence(name)
                        + (version.baseImage().isPresent() ? "" : " " + Advice.OWN_BUNDLE)));
  }

  private BundleName name(BundleName.Content content, SlurmVersion version) {
    return new BundleName(content, version.release(), platform.name());
  }

  /**
   * Returns the directory of a bundle. A bundle runs at one path only, so its path is part of its
   * name. A cache that was moved, or that two machines see at different paths, is not a damaged
   * cache.
   */
  private Path root(BundleFile file, BundleName name) throws IOException {
    Path place = Files.createDirectories(directory).toRealPath();
    Matcher unusable = UNUSABLE.matcher(place.toString());
    if (unusable.find()) {
      throw new UserMistakeException(
          "The path of the cache for Slurm's programs, %s, has a character that slurm.conf does not take: '%s'. %s"
              .formatted(place, unusable.group(), Advice.OTHER_CACHE));
    }
    MessageDigest digest = Sha256.begin();
    digest.update(file.sha256().getBytes(StandardCharsets.US_ASCII));
    digest.update(ElfInterpreter.bytes(place));
    String key = Sha256.end(digest).substring(0, KEY_DIGITS);
    String content = name.content() == BundleName.Content.SLURM ? "" : "-" + name.content().id();
    return place.resolve(name.release() + content + "-" + name.platform() + "-" + key);
  }

  private void unpackOnce(BundleFile file, Path root) throws IOException {
    try (DirectoryLock lock = DirectoryLock.of(directory)) {
      if (!BundleManifest.isIntact(root)) {
        unpack(file, root);
      }
    }
  }

  /** Needs the lock, so that no process uses leftover directories. */
  private void unpack(BundleFile file, Path root) throws IOException {
    long start = System.nanoTime();
    boolean mending = Files.exists(root);
    removeWork();
    requireSpace(file);
    byte[] archive = archive(file);
    Path work = Files.createTempDirectory(directory, WORK);
    new BundleArchive(root).unpack(archive, work);
    BundleManifest.write(work);
    if (mending) {
      progress.warn(root + " was damaged: it is replaced");
      Files.move(root, directory.resolve(WORK + "damaged"), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(work, root, StandardCopyOption.ATOMIC_MOVE);
    setUnusedAside();
    removeWork();
    progress.step(
        "Slurm %s unpacked into %s in %.1f s"
            .formatted(file.version(), root, (System.nanoTime() - start) / 1_000_000_000.0));
  }

  /** Marks a file or directory of the cache as used, so that it is kept, if it exists. */
  public static void noteUse(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      // In a read-only cache, nothing is removed either.
    }
  }

  private void setUnusedAside() throws IOException {
    Path place = directory.toRealPath();
    FileTime limit = FileTime.from(Instant.now().minus(UNUSED));
    List<Path> programs =
        ProcessHandle.allProcesses()
            .flatMap(process -> process.info().command().stream())
            .map(Path::of)
            .toList();
    List<Path> ours;
    try (Stream<Path> entries = Files.list(place)) {
      ours = entries.filter(path -> OURS.matcher(path.getFileName().toString()).matches()).toList();
    }
    for (Path each : ours) {
      if (Files.getLastModifiedTime(each).compareTo(limit) < 0
          && programs.stream().noneMatch(program -> program.startsWith(each))) {
        Files.move(each, place.resolve(WORK + each.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        progress.detail(
            each + " is removed: no build has used it for " + UNUSED.toDays() + " days");
      }
    }
  }

  private static byte[] archive(BundleFile file) {
    try {
      byte[] archive = file.archive().read();
      String digest = Sha256.of(archive);
      if (digest.equals(file.sha256())) {
        return archive;
      }
      throw new SlurmClusterException(
          "The bundle of Slurm %s is damaged: %s has the SHA-256 %s, not %s. Delete it, so that it is fetched or built anew."
              .formatted(file.version(), file.origin(), digest, file.sha256()));
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The bundle of Slurm %s cannot be read from %s: %s"
              .formatted(file.version(), file.origin(), FileFailure.of(e)),
          e);
    }
  }

  private void requireSpace(BundleFile file) throws IOException {
    long needed = (long) (file.unpackedSize() * OVERHEAD);
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < needed) {
      throw new UserMistakeException(
          "Slurm's programs need %d MB in the cache %s, where %d MB are free. %s"
              .formatted(megabytes(needed), directory, megabytes(free), Advice.OTHER_CACHE));
    }
  }

  private static long megabytes(long bytes) {
    return bytes / 1_000_000;
  }

  /** access(2) reports no file as executable on a file system that is mounted noexec. */
  private void requireExecutable(Path program) throws IOException {
    if (!executable.test(program)) {
      throw new UserMistakeException(
          "Slurm's programs cannot be run from the cache %s: %s is mounted noexec. %s"
              .formatted(directory, Files.getFileStore(program), Advice.OTHER_CACHE));
    }
  }

  private void removeWork() throws IOException {
    List<Path> left;
    try (Stream<Path> entries = Files.list(directory)) {
      left = entries.filter(path -> path.getFileName().toString().startsWith(WORK)).toList();
    }
    for (Path root : left) {
      FileTrees.delete(root);
    }
  }
}
