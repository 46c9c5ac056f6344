/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.DockerClient;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.image.ClusterImages;
import io.github.slurmmaven.image.PyxisStandIn;
import io.github.slurmmaven.ssh.SshConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * Times jobs in containers, with the stand-in for Pyxis and enroot that the tests use, beside
 * ordinary ones on a cluster with Pyxis and one without. All run in one SSH session a cluster.
 *
 * <p>Argument: number of rounds. Each round has images of its own, so that the first job of each is
 * a first one.
 */
public final class ContainerJobsBenchmark {

  private static final String SMALL =
      """
      FROM debian:12-slim AS parts
      RUN for program in sh cat ls; do \\
            path=$(readlink -f "$(command -v $program)"); \\
            install -D "$path" /small/bin/$program; \\
            ldd "$path" | grep -o '/[^ ]*' | while read -r library; do \\
              install -D "$library" "/small$library"; \\
            done; \\
          done
      FROM scratch
      COPY --from=parts /small/ /
      ENV ROUND=%s
      """;

  /** Half of what is added can be compressed. */
  private static final String LARGE =
      """
      FROM debian:12-slim
      RUN head -c 20M /dev/urandom > /random1 && head -c 20M /dev/zero | tr '\\\\0' x > /plain1
      RUN head -c 20M /dev/urandom > /random2 && head -c 20M /dev/zero | tr '\\\\0' x > /plain2
      ENV ROUND=%s
      """;

  private final Map<String, List<Double>> figures = new LinkedHashMap<>();
  private final String run = UUID.randomUUID().toString().substring(0, 8);

  private ContainerJobsBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    new ContainerJobsBenchmark().measure(Integer.parseInt(arguments[0]));
  }

  private void measure(int rounds) throws IOException {
    Path work = Files.createTempDirectory("slurm-benchmark");
    PyxisStandIn.write(work.resolve("stand-in"));
    ClusterRequest withoutRequest = builder(work, "benchmark-without").build();
    SlurmCluster without = withoutRequest.cluster();
    ClusterRequest withRequest =
        builder(work, "benchmark-with")
            .registry(registry -> registry.withRegistry(true))
            .registry(registry -> registry.registryPort(0))
            .pyxis(
                pyxis ->
                    pyxis
                        .withPyxis(true)
                        .pyxisUrl(work.resolve("stand-in/pyxis.tar.gz").toString())
                        .enrootUrl(work.resolve("stand-in/enroot.deb").toString()))
            .build();
    SlurmCluster with = withRequest.cluster();
    try (ContainerEngine engine = DockerEngine.connect(Environment.system());
        SshConnection plain = SshConnection.open(withoutRequest.start());
        SshConnection pyxis = SshConnection.open(withRequest.start())) {
      String registry = with.connection().orElseThrow().registry().orElseThrow();
      List<String> images = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        time("ordinary `srun`, cluster without Pyxis", plain, "");
        time("ordinary `srun`, cluster with Pyxis", pyxis, "");
        images.add(jobs(engine, registry, pyxis, "small", SMALL, round));
        images.add(jobs(engine, registry, pyxis, "large", LARGE, round));
      }
      print();
      sizes(engine, with, without, images.get(0), images.get(1));
      images.forEach(engine::removeImage);
    } finally {
      with.destroy();
      without.destroy();
    }
  }

  private static ClusterRequest.Builder builder(Path work, String name) {
    return ClusterRequest.builder()
        .engine("docker")
        .name(name)
        .outputDirectory(work)
        .nodes(nodes -> nodes.cpuNodes(2))
        .ssh(ssh -> ssh.port(0));
  }

  private String jobs(
      ContainerEngine engine,
      String registry,
      SshConnection login,
      String name,
      String dockerfile,
      int round) {
    String local = "slurm-benchmark-%s:%s-%d".formatted(name, run, round);
    engine.buildImage(
        new ImageBuild(
            local,
            Map.of("Dockerfile", dockerfile.formatted(local).getBytes(UTF_8)),
            "Dockerfile",
            "",
            Map.of(),
            Map.of()),
        line -> {});
    String pushed = "%s/benchmark/%s:%d".formatted(registry, name, round);
    engine.pushImage(local, pushed, line -> {});
    String options = "--container-image=" + pushed + " ";
    List<String> nodes = output(login, "sinfo --noheader --Node --format=%N").lines().toList();
    String first = "--nodelist=" + nodes.get(0) + " " + options;
    time(name + " image: first job", login, first);
    time(name + " image: second job, same node", login, first);
    time(
        name + " image: first job of another node",
        login,
        "--nodelist=" + nodes.get(1) + " " + options);
    return local;
  }

  private void time(String figure, SshConnection login, String options) {
    long begin = System.nanoTime();
    output(login, "srun " + options + "sh -c true");
    figures
        .computeIfAbsent(figure, name -> new ArrayList<>())
        .add((System.nanoTime() - begin) / 1e9);
  }

  private static String output(SshConnection login, String command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status = login.run(command, out, errors);
    if (status != 0) {
      throw new IllegalStateException(command + " ended with " + status + ": " + errors);
    }
    return out.toString(UTF_8);
  }

  private void print() {
    System.out.printf("%n| what | min s | median s | max s |%n|---|---|---|---|%n");
    figures.forEach(
        (figure, seconds) -> {
          List<Double> sorted = seconds.stream().sorted().toList();
          System.out.printf(
              Locale.ROOT,
              "| %s | %.2f | %.2f | %.2f |%n",
              figure,
              sorted.get(0),
              sorted.get(sorted.size() / 2),
              sorted.get(sorted.size() - 1));
        });
  }

  private static void sizes(
      ContainerEngine engine, SlurmCluster with, SlurmCluster without, String small, String large)
      throws IOException {
    System.out.printf("%n| image | MB |%n|---|---|%n");
    try (DockerClient raw = RawClient.connect()) {
      Map<String, String> images = new LinkedHashMap<>();
      images.put("node, without Pyxis", nodeImage(engine, without));
      images.put("node, with Pyxis and enroot (stand-in)", nodeImage(engine, with));
      images.put("small", small);
      images.put("large", large);
      for (Map.Entry<String, String> image : images.entrySet()) {
        Long size = raw.inspectImageCmd(image.getValue()).exec().getSize();
        System.out.printf(
            Locale.ROOT, "| %s | %.1f |%n", image.getKey(), size == null ? Double.NaN : size / 1e6);
      }
    }
  }

  private static String nodeImage(ContainerEngine engine, SlurmCluster cluster) {
    return engine
        .listContainers(Map.of("io.github.slurmmaven.directory", cluster.directory().toString()))
        .stream()
        .map(ContainerSummary::image)
        .filter(image -> image.startsWith(ClusterImages.REPOSITORY + ":"))
        .max(Comparator.comparing(image -> image.contains("-pyxis-")))
        .orElseThrow();
  }
}
