/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests with real clusters on one backend, which are gone without a trace after each test. */
abstract class RealClusters {

  static final String CONFIG = "config/slurm.conf";

  /** Where the clusters of a class are, and the files that they are made from. */
  @TempDir static Path site;

  final TestBackend backend;
  final RecordingProgress progress = new RecordingProgress();

  private final List<SlurmCluster> own = new ArrayList<>();

  RealClusters(TestBackend backend) {
    this.backend = backend;
  }

  @BeforeEach
  void requireBackend() {
    backend.require();
  }

  @AfterEach
  void destroyOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(backend::assertNothingIsLeftOf);
  }

  static Path outputDirectory() {
    return site.resolve("out");
  }

  final ClusterRequest.Builder builder(String name) {
    return backend.cluster(name).outputDirectory(outputDirectory());
  }

  /** Returns a cluster that is destroyed after the test. */
  final ClusterRequest own(ClusterRequest.Builder builder) {
    ClusterRequest request = builder.progress(progress).build();
    own.add(request.cluster());
    return request;
  }

  /** Writes a definition file. */
  static Path definition(String name, String text) throws IOException {
    return Files.writeString(site.resolve(name + ".yaml"), text);
  }

  static SlurmShell shell(SlurmCluster cluster) throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  static List<String> lines(String text) {
    return text.lines().map(String::strip).toList();
  }

  static void append(SlurmCluster cluster, String file, String text) throws IOException {
    Path path = cluster.directory().resolve(file);
    Files.writeString(path, Files.readString(path) + text);
  }

  /** Compiles a shared library from C. */
  static void library(String source, Path library) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "gcc is not installed");
    Process compiler =
        new ProcessBuilder(
                "/usr/bin/gcc", "-shared", "-fPIC", "-o", library.toString(), "-x", "c", "-")
            .redirectErrorStream(true)
            .start();
    try (OutputStream in = compiler.getOutputStream()) {
      in.write(source.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(compiler.waitFor()).as(output).isZero();
  }

  static SlurmClusterException startFails(ClusterRequest request) {
    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, request::start);
    assertThat(failure).as("SlurmClusterException").isNotNull();
    return failure;
  }
}
