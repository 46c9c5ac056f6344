/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.docker.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps a cluster from coming up is named, and long before the timeout. */
@Timeout(600)
class DiagnosisIT {

  /** A stand-in for a machine whose clock is an hour ahead: the clock is the kernel's. */
  private static final String CLOCK_AHEAD =
      """
      #define _GNU_SOURCE
      #include <sys/syscall.h>
      #include <sys/time.h>
      #include <time.h>
      #include <unistd.h>

      int clock_gettime(clockid_t clock, struct timespec *now) {
        int result = (int) syscall(SYS_clock_gettime, clock, now);
        if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += 3600;
        return result;
      }

      time_t time(time_t *seconds) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (seconds) *seconds = now.tv_sec;
        return now.tv_sec;
      }

      int gettimeofday(struct timeval *time, void *zone) {
        struct timespec now;
        (void) zone;
        clock_gettime(CLOCK_REALTIME, &now);
        time->tv_sec = now.tv_sec;
        time->tv_usec = now.tv_nsec / 1000;
        return 0;
      }
      """;

  /** Has SSH's port, and is something else. */
  private static final String OTHER_SERVER =
      """
      #!/usr/bin/python3
      import socketserver

      class Other(socketserver.BaseRequestHandler):
          def handle(self):
              self.request.sendall(b"%s\\r\\n")

      socketserver.TCPServer.allow_reuse_address = True
      socketserver.ThreadingTCPServer(("", 22), Other).serve_forever()
      """;

  @TempDir private static Path site;

  private final List<SlurmCluster> own = new ArrayList<>();

  @AfterEach
  void destroyOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(Leftovers::assertNoneOf);
  }

  /** The files of a cluster, for a test to spoil. */
  private SlurmCluster created(TestBackend backend, SlurmVersion version, String preset) {
    backend.require();
    ClusterRequest clusterRequest =
        backend
            .cluster("why")
            .outputDirectory(site.resolve(backend.engine()))
            .slurmVersion(version.release())
            .preset(preset)
            .timeout(Duration.ofSeconds(100))
            .build();
    SlurmCluster cluster = clusterRequest.cluster();
    own.add(cluster);
    clusterRequest.create();
    return cluster;
  }

  private SlurmCluster created(String preset) {
    return created(TestBackend.DOCKER, SlurmVersion.DEFAULT, preset);
  }

  private static void override(SlurmCluster cluster, String text) throws IOException {
    Files.writeString(cluster.directory().resolve("docker-compose.override.yml"), text);
  }

  private static void edit(SlurmCluster cluster, String pattern, String replacement)
      throws IOException {
    Path file = cluster.directory().resolve("config/slurm.conf");
    String text = Files.readString(file);
    assertThat(text).containsPattern(pattern);
    Files.writeString(file, text.replaceAll(pattern, replacement));
  }

  /** The start fails before its limit, and its message has all parts of a diagnosis. */
  private static SlurmClusterException startFails(SlurmCluster cluster) throws IOException {
    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, cluster::start);

    assertThat(failure).as("SlurmClusterException").isNotNull();
    Path logs = cluster.directory().resolve("logs");
    assertThat(failure)
        .hasMessageStartingWith("Cluster why: ")
        .hasMessageNotContaining("(timeout)")
        .hasMessageContaining("\nNodes:\n  ")
        .hasMessageContaining("\nLast lines of ")
        .hasMessageEndingWith("\nAll logs: " + logs);
    assertThat(logs).isDirectoryContaining("glob:**.log");
    return failure;
  }

  @Tag("docker")
  @ParameterizedTest
  @Releases.One
  void mungeKeysDiffer(SlurmVersion version) throws IOException {
    SlurmCluster cluster = created(TestBackend.DOCKER, version, "multi-node");
    Files.writeString(cluster.directory().resolve("other.key"), "other".repeat(200));
    override(
        cluster,
        """
        services:
          compute-1:
            volumes: ["./other.key:/run/slurm-cluster/secrets/munge.key:ro"]
        """);

    assertThat(startFails(cluster))
        .hasMessageContaining("node compute-1 cannot register")
        .hasMessageContaining("Likely cause: the nodes' Munge keys differ")
        .hasMessageContaining("\n  compute-1  unknown")
        .hasMessageContaining("Munge decode failed: Invalid credential");
  }

  @Tag("docker")
  @Test
  void clocksDiffer() throws Exception {
    SlurmCluster cluster = created("multi-node");
    RealClusters.library(CLOCK_AHEAD, cluster.directory().resolve("clock.so"));
    override(
        cluster,
        """
        services:
          compute-1:
            environment: {LD_PRELOAD: /usr/local/lib/clock.so}
            volumes: ["./clock.so:/usr/local/lib/clock.so:ro"]
        """);

    assertThat(startFails(cluster))
        .hasMessageContaining("node compute-1 cannot register")
        .hasMessageContaining("Likely cause: the nodes' clocks differ")
        .hasMessageContaining("Munge decode failed: Rewound credential")
        .hasMessageContaining("\n  compute-1  unknown");
  }

  @Test
  @Tag("docker")
  void containerHasFewerGpusThanSlurmConfSays() throws IOException {
    assertNodeWithFewerGpusIsNamed(created(TestBackend.DOCKER, SlurmVersion.V24_11, "gpu"));
  }

  @ParameterizedTest
  @Releases.All
  @Tag("embedded")
  @Tag("slow")
  void processHasFewerGpusThanSlurmConfSays(SlurmVersion version) throws IOException {
    assertNodeWithFewerGpusIsNamed(created(TestBackend.EMBEDDED, version, "gpu"));
  }

  private static void assertNodeWithFewerGpusIsNamed(SlurmCluster cluster) throws IOException {
    edit(cluster, "Gres=gpu:fake:2", "Gres=gpu:fake:4");

    assertThat(startFails(cluster))
        .hasMessageContaining("node slurm is inval")
        .hasMessageContaining("Likely cause: a node has fewer generic resources")
        .hasMessageContaining(
            "\n  slurm  inval  gres/gpu count reported lower than configured (2 < 4)\n");
  }

  @Test
  @Tag("docker")
  void containerNeverRegisters() throws IOException {
    assertNodeThatNeverRegistersIsNamed(created(TestBackend.DOCKER, SlurmVersion.DEFAULT, "cpu"));
  }

  @Test
  @Tag("embedded")
  @Tag("slow")
  void processNeverRegisters() throws IOException {
    assertNodeThatNeverRegistersIsNamed(created(TestBackend.EMBEDDED, SlurmVersion.DEFAULT, "cpu"));
  }

  private static void assertNodeThatNeverRegistersIsNamed(SlurmCluster cluster) throws IOException {
    edit(
        cluster,
        "(?m)^PartitionName=",
        """
        NodeName=ghost NodeAddr=127.0.0.9 Port=9 CPUs=1 State=UNKNOWN
        PartitionName=ghosts Nodes=ghost State=UP
        $0""");

    assertThat(startFails(cluster))
        .hasMessageContaining("node ghost never registers")
        .hasMessageContaining("Likely cause: a node has never registered")
        .hasMessageContaining("\n  ghost  unknown");
  }

  @Tag("docker")
  @Test
  void kernelKillsForMemory() throws IOException {
    SlurmCluster cluster = created("cpu");
    override(cluster, "services: {slurm: {mem_limit: 6m}}\n");

    assertThat(startFails(cluster))
        .hasMessageContaining(
            "node slurm exited with code 137, killed by the kernel: out of memory")
        .hasMessageContaining("Likely cause: the kernel ended node slurm for memory");
  }

  @Tag("docker")
  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /var/spool/slurmctld | size=16k    | the disk is full: slurmctld has
          /var/spool/slurmd    | nr_inodes=1 | Likely cause: the disk that a node writes to is full
          """)
  void diskIsFull(String directory, String limit, String words) throws IOException {
    String volume = "why-" + UUID.randomUUID();
    try (DockerClient engine = RawClient.connect()) {
      engine
          .createVolumeCmd()
          .withName(volume)
          .withDriver("local")
          .withDriverOpts(Map.of("type", "tmpfs", "device", "tmpfs", "o", limit))
          .exec();
      try {
        SlurmCluster cluster = created("cpu");
        override(
            cluster,
            """
            services:
              slurm:
                volumes: ["full:%s"]
            volumes:
              full: {external: true, name: %s}
            """
                .formatted(directory, volume));

        assertThat(startFails(cluster)).hasMessageContaining(words);
        cluster.destroy();
      } finally {
        engine.removeVolumeCmd(volume).exec();
      }
    }
  }

  @Tag("docker")
  @ParameterizedTest
  @CsvSource({"220 mail, not an SSH server", "SSH-2.0-OpenSSH_10.0p2, another SSH server"})
  void anotherProgramHasThePortOfSsh(String greeting, String what) throws IOException {
    SlurmCluster cluster = created("cpu");
    Path server =
        Files.writeString(cluster.directory().resolve("other"), OTHER_SERVER.formatted(greeting));
    Files.setPosixFilePermissions(server, PosixFilePermissions.fromString("rwxr-xr-x"));
    override(cluster, "services: {slurm: {volumes: ['./other:/usr/sbin/sshd:ro']}}\n");

    assertThat(startFails(cluster))
        .hasMessageContaining("another program has the SSH port, 127.0.0.1:")
        .hasMessageContaining("what answers is %s: '%s'".formatted(what, greeting));
  }

  @Tag("docker")
  @Test
  void imageHasNoSlurmd() throws IOException {
    SlurmCluster cluster = created("cpu");
    Path context = Files.createDirectories(site.resolve("image"));
    Files.writeString(context.resolve("slurmd"), "");
    Files.writeString(
        context.resolve("Dockerfile"),
        "FROM %s\nCOPY slurmd /usr/sbin/slurmd\n".formatted(image(cluster)));
    String image = "why-" + UUID.randomUUID();
    override(cluster, "services: {slurm: {image: %s}}\n".formatted(image));
    try (DockerClient engine = RawClient.connect()) {
      engine
          .buildImageCmd(context.toFile())
          .withTags(Set.of(image))
          .exec(new BuildImageResultCallback())
          .awaitImageId();
      try {
        assertThat(startFails(cluster))
            .hasMessageContaining("node slurm exited with code 126")
            .hasMessageContaining("Likely cause: the node's image lacks a program")
            .hasMessageContaining("failed to execute slurmd");
        cluster.destroy();
      } finally {
        engine.removeImageCmd(image).withForce(true).exec();
      }
    }
  }

  @Tag("docker")
  @Test
  void imageHasAnotherSlurm() throws IOException {
    String image = image(created(TestBackend.DOCKER, SlurmVersion.V24_11, "cpu"));
    SlurmCluster cluster = created(TestBackend.DOCKER, SlurmVersion.V22_05, "cpu");
    override(cluster, "services: {slurm: {image: \"%s\"}}\n".formatted(image));

    assertThat(startFails(cluster))
        .hasMessageContaining("node slurm exited with code 78")
        .hasMessageContaining("Likely cause: a node's image has another Slurm")
        .hasMessageMatching(
            "(?s).*the image has Slurm 24\\.11\\.[0-9]+, and the cluster is for Slurm 22\\.05.*");
  }

  private static String image(SlurmCluster cluster) throws IOException {
    return Files.readString(cluster.directory().resolve("docker-compose.yml"))
        .replaceAll("(?s).*?image: \"?([^\\s\"]+).*", "$1");
  }

  @Tag("docker")
  @Test
  void imageHasNothingOfAClusterAtAll() throws IOException {
    SlurmCluster cluster = created("cpu");
    override(cluster, "services: {slurm: {image: 'debian:12-slim'}}\n");

    assertThat(catchThrowableOfType(UserMistakeException.class, cluster::start))
        .hasMessageContaining("the image 'debian:12-slim' cannot run as 'all-in-one'");
  }
}
