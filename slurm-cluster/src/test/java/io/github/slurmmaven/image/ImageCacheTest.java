/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The service that gives jobs their images, between a registry and an enroot of the test's own. */
@EnabledIf("pythonIsHere")
class ImageCacheTest {

  private static final String SCRIPT = "slurm-image-cache";

  /** Loads the program with places of the test's own, and then runs what the test says. */
  private static final String PREAMBLE =
      """
      import importlib.machinery, importlib.util, os, sys
      directory, port = sys.argv[1:]
      loader = importlib.machinery.SourceFileLoader("cache", directory + "/slurm-image-cache")
      cache = importlib.util.module_from_spec(importlib.util.spec_from_loader("cache", loader))
      sys.dont_write_bytecode = True
      loader.exec_module(cache)
      cache.STORE = directory + "/store"
      cache.SOCKET = directory + "/socket"
      cache.REGISTRY = "127.0.0.1:" + port
      cache.NAMES = ["registry:5000", "localhost:5001"]
      cache.ARCHITECTURE = "arm64"
      """;

  private static final String SERVE =
      """
      import socket, threading
      threading.Thread(target=cache.main, daemon=True).start()
      def ask(uri):
          connection = socket.socket(socket.AF_UNIX)
          while connection.connect_ex(cache.SOCKET):
              pass
          connection.sendall(uri.encode() + b"\\n")
          return connection.makefile().read()
      """;

  /** Records the requests, and responds slowly. */
  private static final String ENROOT =
      """
      #!/bin/sh
      echo "$4 $ENROOT_ALLOW_HTTP $no_proxy" >> "${0%/*}/imports"
      sleep 0.1
      echo squashfs > "$3"
      """;

  private final Map<String, String> registry = new ConcurrentHashMap<>();
  private final Path directory;
  private HttpServer server;

  ImageCacheTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static boolean pythonIsHere() {
    return LayerMergeTest.pythonIsHere();
  }

  @BeforeEach
  void prepare() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(
            ClusterImages.class.getResourceAsStream(
                "/io/github/slurmmaven/images/pyxis/rootfs/usr/local/libexec/" + SCRIPT))) {
      Files.copy(script, directory.resolve(SCRIPT));
    }
    Files.createDirectory(directory.resolve("store"));
    Files.setPosixFilePermissions(
        Files.writeString(directory.resolve("enroot"), ENROOT),
        PosixFilePermissions.fromString("rwxr-xr-x"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v2/",
        exchange -> {
          String manifest = registry.get(exchange.getRequestURI().getPath().substring(4));
          byte[] body =
              (manifest == null
                      ? "{\"errors\": [{\"code\": \"X\", \"message\": \"manifest unknown\"}]}"
                      : manifest)
                  .getBytes(UTF_8);
          exchange.sendResponseHeaders(manifest == null ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String run(String code) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                "/usr/bin/python3",
                "-c",
                PREAMBLE + code,
                directory.toString(),
                String.valueOf(server.getAddress().getPort()))
            .redirectErrorStream(true);
    builder.environment().put("PATH", directory + ":/usr/bin:/bin");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }

  @Test
  void importsAnImageOnceForAllJobsAndNames() throws Exception {
    registry.put("test/app/manifests/1", "{\"layers\": []}");
    String digest = sha256("{\"layers\": []}");

    String answers =
        run(
            SERVE
                + """
                from concurrent.futures import ThreadPoolExecutor
                names = ["docker://registry:5000/test/app:1", "docker://localhost:5001/test/app:1",
                         "docker://registry:5000#test/app:1", "docker://me@registry:5000#test/app:1"]
                with ThreadPoolExecutor() as pool:
                    print(*set(pool.map(ask, names * 2)), sep="\\n")
                """);

    assertThat(answers)
        .endsWith("image\n" + directory.resolve("store").resolve(digest + ".sqsh"))
        .containsOnlyOnce("image\n");
    assertThat(directory.resolve("imports"))
        .hasContent(
            "docker://127.0.0.1:"
                + server.getAddress().getPort()
                + "#test/app:sha256:"
                + digest
                + " yes *");
  }

  @Test
  void takesTheManifestOfThisMachinesArchitecture() throws Exception {
    String ours = "ab".repeat(32);
    registry.put(
        "app/manifests/latest",
        """
        {"manifests": [
          {"digest": "sha256:00", "platform": {"architecture": "amd64"}},
          {"digest": "sha256:%s", "platform": {"architecture": "arm64"}}]}
        """
            .formatted(ours));

    assertThat(run(SERVE + "print(ask('docker://registry:5000/app'))\n")).endsWith(ours + ".sqsh");
  }

  @Test
  void refusesAnImageOfOtherArchitecturesOnly() throws Exception {
    registry.put(
        "app/manifests/1",
        """
        {"manifests": [
          {"digest": "sha256:00", "platform": {"architecture": "s390x"}},
          {"digest": "sha256:01", "platform": {"architecture": "amd64"}},
          {"digest": "sha256:02", "platform": {"architecture": "unknown"}},
          {"digest": "sha256:03"}]}
        """);

    assertThat(run(SERVE + "print(ask('docker://registry:5000/app:1'))\n"))
        .startsWith("failure\n")
        .endsWith("/app:1 is not for arm64, only for amd64, s390x");
    assertThat(directory.resolve("imports")).doesNotExist();
  }

  @Test
  void noticesATagThatMoved() throws Exception {
    registry.put("app/manifests/1", "{}");
    run(SERVE + "ask('docker://registry:5000/app:1')\n");
    registry.put("app/manifests/1", "{\"other\": 1}");
    run(SERVE + "ask('docker://registry:5000/app:1')\n");

    assertThat(Files.readAllLines(directory.resolve("imports"))).hasSize(2);
  }

  @Test
  void leavesOtherRegistriesToTheUser() throws Exception {
    assertThat(
            run(
                SERVE
                    + """
                    for uri in ("docker://debian:12", "docker://registry.example/app:1",
                                "docker://localhost:5002/app", "dockerd://registry:5000/app", "x"):
                        print(ask(uri).strip())
                    """))
        .isEqualToIgnoringWhitespace("elsewhere ".repeat(5));
  }

  @Test
  void handsOnWhatTheRegistryAndEnrootSay() throws Exception {
    registry.put("broken/manifests/1", "{}");
    Files.writeString(directory.resolve("enroot"), "#!/bin/sh\necho no room left; exit 3\n");

    String said =
        run(
            SERVE
                + """
                print(ask("docker://registry:5000/nothing:1"))
                print(ask("docker://registry:5000/broken:1"))
                cache.REGISTRY = "127.0.0.1:1"
                print(ask("docker://registry:5000/unreachable:1"))
                """);

    assertThat(said)
        .contains("failure\n", "/nothing:1: the registry says: manifest unknown (404)")
        .contains("(status 3):\nno room left")
        .contains("/unreachable:1: the registry cannot be reached: ");
    try (var left = Files.list(directory.resolve("store"))) {
      assertThat(left.filter(path -> path.toString().endsWith(".sqsh"))).isEmpty();
    }
  }

  @Test
  void evictsWhatWasNotUsedForLongestButNothingYoung() throws Exception {
    for (int day = 1; day <= 4; day++) {
      file("old-" + day + ".sqsh", Duration.ofDays(day));
    }
    file("layers/layer", Duration.ofDays(5));
    file("young.sqsh", Duration.ofMinutes(1));

    run("cache.LIMIT = 3000\ncache.evict()\n");

    try (var left = Files.walk(directory.resolve("store"))) {
      assertThat(left.filter(Files::isRegularFile))
          .extracting(path -> path.getFileName().toString())
          .containsExactlyInAnyOrder("old-1.sqsh", "old-2.sqsh", "young.sqsh");
    }
    run("cache.LIMIT = 0\ncache.evict()\n");
    assertThat(directory.resolve("store/young.sqsh")).exists();
  }

  private void file(String name, Duration age) throws IOException {
    Path file = directory.resolve("store").resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[1000]);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }
}
