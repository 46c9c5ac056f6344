/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.backend.embedded.OpenBundle;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/** The bundles that slurm-embedded made, unpacked and run. */
@Tag("embedded")
@Timeout(120)
class BundleIT {

  /** A user that each Linux has. As nobody, slurmctld refuses to run from 25.11 on. */
  private static final int ORDINARY_USER = 1;

  /** To be readable by an ordinary user, which JUnit's own is not. */
  private Path directory;

  @BeforeEach
  void directory(@TempDir Path temporary) throws IOException {
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    directory = temporary.toRealPath();
  }

  /** Where the build of slurm-embedded puts them. */
  private static Path made(SlurmVersion version) {
    Path made =
        Path.of("../slurm-embedded/target/bundles", version.release(), BundleSource.RESOURCES)
            .toAbsolutePath()
            .normalize();
    assumeTrue(
        Files.isDirectory(made),
        () -> "No bundle in " + made + ": 'mvn package -pl slurm-embedded' says why");
    return made;
  }

  private Bundle open(SlurmVersion version, Path cache) {
    return new BundleCache(
            cache, BundleSource.directory(made(version)), BundlePlatform.system(), Progress.SILENT)
        .open(BundleName.Content.SLURM, version);
  }

  private record Result(int status, List<String> output) {}

  private static Result run(ProcessBuilder command) throws Exception {
    Path output = Files.createTempFile("bundle", ".out");
    try {
      Process process = command.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      try {
        assertThat(process.waitFor(110, TimeUnit.SECONDS))
            .as("%s ended, having said: %s", command.command(), Files.readString(output))
            .isTrue();
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      return new Result(process.exitValue(), Files.readAllLines(output, UTF_8));
    } finally {
      Files.delete(output);
    }
  }

  private static boolean isRoot() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
  }

  /** As an ordinary user, also where the build is root's. */
  private static ProcessBuilder asOrdinaryUser(Path writable, List<String> command)
      throws IOException {
    List<String> all = new ArrayList<>();
    if (isRoot()) {
      String id = String.valueOf(ORDINARY_USER);
      all.addAll(List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups"));
      Files.setAttribute(writable, "unix:uid", ORDINARY_USER);
    }
    all.addAll(command);
    return new ProcessBuilder(all);
  }

  /** The first of three free ports. */
  private static int freePorts() throws IOException {
    for (int port = 20_000; ; port += 3) {
      try (ServerSocket first = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          ServerSocket second = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress());
          ServerSocket third = new ServerSocket(port + 2, 1, InetAddress.getLoopbackAddress())) {
        return first.getLocalPort();
      } catch (BindException e) {
        continue;
      }
    }
  }

  private Path script() throws Exception {
    return Files.copy(
        Path.of(BundleIT.class.getResource("cluster.sh").toURI()), directory.resolve("cluster.sh"));
  }

  private static void assertJobsRanOnLoopback(SlurmVersion version, Result result) {
    assertThat(result.status()).as("%s", result.output()).isZero();
    assertThat(result.output())
        .contains(
            "srun on n1, preload <>, library path <>",
            "srun on n2, preload <>, library path <>",
            "batch step",
            "json: {\"" + (version.equals(SlurmVersion.V22_05) ? "meta" : "jobs") + "\":");
    List<String> sockets =
        result.output().stream().filter(line -> line.contains(" listens on ")).toList();
    assertThat(sockets).allMatch(line -> line.contains(" listens on 0100007F:"));
    assertThat(sockets.stream().map(line -> line.substring(0, line.indexOf(' '))).toList())
        .contains("slurmctld", "slurmd", "srun", "salloc");
  }

  @ParameterizedTest
  @Releases.All
  @Tag("slow")
  void runsJobsForAnOrdinaryUserAndListensOnLoopbackOnly(SlurmVersion version) throws Exception {
    Bundle bundle = open(version, directory.resolve("a cache, größer"));
    Path home = Files.createDirectory(directory.resolve("cluster"));

    Result result =
        run(
            asOrdinaryUser(
                home,
                List.of(
                    "sh",
                    script().toString(),
                    bundle.root().toString(),
                    home.resolve("a cluster").toString(),
                    String.valueOf(freePorts()))));

    assertJobsRanOnLoopback(version, result);
  }

  /** Its C library is older than the one that Slurm 24.11 was built with. */
  @ParameterizedTest
  @Releases.All
  void runsInAContainerWithoutPrivilegesNetworkAndSlurm(SlurmVersion version) throws Exception {
    String image = "debian:12-slim";
    assumeTrue(
        commandExists("docker")
            && run(new ProcessBuilder("docker", "image", "inspect", image)).status() == 0,
        "no docker command, or no image " + image);
    Bundle bundle = open(version, directory.resolve("cache"));
    String root = bundle.root().toString();

    Result result =
        run(
            new ProcessBuilder(
                "docker",
                "run",
                "--rm",
                "--network=none",
                "--read-only",
                "--tmpfs=/work:mode=1777,exec",
                "--user=" + ORDINARY_USER + ":" + ORDINARY_USER,
                "--volume=" + root + ":" + root + ":ro",
                "--volume=" + script() + ":/cluster.sh:ro",
                image,
                "sh",
                "/cluster.sh",
                root,
                "/work/cluster",
                "20000"));

    assertJobsRanOnLoopback(version, result);
  }

  private static boolean commandExists(String name) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(place -> Files.isExecutable(Path.of(place, name)));
  }

  @Test
  @Tag("slow")
  void isUnpackedOnceAndOnlyCheckedAfterwards() throws IOException {
    Path cache = directory.resolve("cache");

    Duration unpacking = time(() -> open(SlurmVersion.DEFAULT, cache));
    Map<Path, FileTime> unpacked = changes(cache);
    Duration checking = time(() -> open(SlurmVersion.DEFAULT, cache));

    System.out.printf(
        "Bundle of Slurm %s: unpacked in %d ms, checked in %d ms%n",
        SlurmVersion.DEFAULT, unpacking.toMillis(), checking.toMillis());
    assertThat(unpacked).hasSizeGreaterThan(20);
    assertThat(changes(cache)).isEqualTo(unpacked);
  }

  private static Map<Path, FileTime> changes(Path cache) throws IOException {
    Map<Path, FileTime> changes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        changes.put(file, Files.getLastModifiedTime(file));
      }
    }
    return changes;
  }

  private static Duration time(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private ProcessBuilder child(Path cache, String... prefix) {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            OpenBundle.class.getName(),
            made(SlurmVersion.DEFAULT).toString(),
            cache.toString(),
            SlurmVersion.DEFAULT.release()));
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  @Test
  @Tag("slow")
  void twoBuildsAtOnceUnpackOnce() throws Exception {
    Path cache = directory.resolve("cache");
    List<Process> builds = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      builds.add(child(cache).start());
    }
    List<String> output = new ArrayList<>();
    for (Process build : builds) {
      output.addAll(build.inputReader(UTF_8).lines().toList());
      assertThat(build.waitFor()).as("%s", output).isZero();
    }

    assertThat(output.stream().filter(line -> line.startsWith("Slurm ")))
        .singleElement()
        .asString()
        .contains("unpacked into");
    assertThat(output.stream().filter(line -> line.startsWith("/")).distinct())
        .singleElement()
        .satisfies(root -> assertThat(Path.of(root)).isDirectory().hasParent(cache));
  }

  /** A file system of a mount namespace that is gone with its process. */
  private Result onMount(String options, String before) throws Exception {
    Path cache = Files.createDirectory(directory.resolve("mount"));
    String script =
        "mount -t tmpfs -o \"$1\" none \"$2\" && cache=$2 && shift 2 && { "
            + before
            + "; } && exec \"$@\"";
    List<String> unshare =
        isRoot() ? List.of("unshare", "--mount") : List.of("unshare", "--map-root-user", "--mount");
    List<String> probe = new ArrayList<>(unshare);
    probe.addAll(List.of("mount", "-t", "tmpfs", "none", cache.toString()));
    assumeTrue(run(new ProcessBuilder(probe)).status() == 0, "nothing can be mounted here");
    List<String> prefix = new ArrayList<>(unshare);
    prefix.addAll(List.of("sh", "-c", script, "sh", options, cache.toString()));
    return run(child(cache.resolve("cache"), prefix.toArray(String[]::new)));
  }

  @Test
  void fileSystemWithoutExecutionIsNamed() throws Exception {
    assertThat(onMount("noexec", "true").output())
        .last()
        .asString()
        .contains(
            "Slurm's programs cannot be run from the cache " + directory.resolve("mount/cache"),
            directory.resolve("mount") + " (none) is mounted noexec",
            "XDG_CACHE_HOME");
  }

  @Test
  void fullFileSystemIsNamed() throws Exception {
    assertThat(onMount("size=10m", "true").output())
        .singleElement()
        .asString()
        .contains("Slurm's programs need", "10 MB are free", "XDG_CACHE_HOME");
  }

  @Test
  void readOnlyFileSystemIsNamed() throws Exception {
    assertThat(onMount("mode=755", "mount -o remount,ro \"$cache\"").output())
        .singleElement()
        .asString()
        .contains(
            "cannot be unpacked into the cache " + directory.resolve("mount/cache"),
            "Read-only file system",
            "XDG_CACHE_HOME");
  }
}
