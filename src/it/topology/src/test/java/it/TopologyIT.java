package it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyIT {

  private static Login login;

  @BeforeAll
  static void logIn() throws Exception {
    login = Login.to(System.getProperties());
  }

  @AfterAll
  static void logOut() throws Exception {
    login.close();
  }

  private static String on(String node, String command) throws IOException {
    String partition = node.startsWith("gpu") ? "gpu" : "cpu";
    return login.run("srun --partition=" + partition + " --nodelist=" + node + " " + command);
  }

  @Test
  void isTheVersionAskedFor() throws Exception {
    assertThat(login.run("scontrol --version"))
        .contains(" " + System.getProperty("expected.version") + ".");
  }

  @Test
  void hasTheNodesAndPartitions() throws Exception {
    assertThat(login.run("sinfo --noheader --Node --format='%N %P %c %m %G %f %w %l'").lines())
        .containsExactlyInAnyOrder(
            "cpu-0 cpu* 2 1024 (null) (null) 10 2:00:00",
            "cpu-1 cpu* 2 1024 (null) (null) 10 2:00:00",
            "gpu-0 gpu 4 2048 gpu:a100:2,gpu:h100:4 gpu,nvlink 1 infinite");
    assertThat(System.getProperty("slurm.partition")).isEqualTo("cpu");
    assertThat(login.run("scontrol show partition gpu")).contains("PriorityTier=5");
  }

  @Test
  void hasTheFurtherLinesOfSlurmConf() throws Exception {
    assertThat(login.run("scontrol show config"))
        .containsPattern("MaxJobCount +=? *4321")
        .containsPattern("MaxArraySize +=? *77");
  }

  @Test
  void givesAJobItsGpus() throws Exception {
    assertThat(
            login
                .run(
                    "srun --partition=gpu --gpus=h100:2"
                        + " nvidia-smi --query-gpu=index,name --format=csv,noheader")
                .lines())
        .containsExactly("2, NVIDIA H100 80GB HBM3", "3, NVIDIA H100 80GB HBM3");
    assertThatThrownBy(() -> login.run("srun --partition=gpu --gpus=7 true"))
        .hasMessageContaining("Requested node configuration is not available");
  }

  @ParameterizedTest
  @CsvSource({"alice, 1001", "bob, 1500"})
  void letsUsersRunJobs(String user, String uid) throws Exception {
    Properties connection = new Properties();
    connection.putAll(System.getProperties());
    connection.setProperty("slurm.ssh.user", user);
    connection.setProperty(
        "slurm.ssh.privateKey", System.getProperty("slurm.ssh.privateKey." + user));
    try (Login own = Login.to(connection)) {
      assertThat(own.run("srun --nodes=2 sh -c 'id -un; id -u; pwd' | sort -u").lines())
          .containsExactlyInAnyOrder(user, uid, "/home/" + user);
    }
  }

  @Test
  void seesTheFilesOfTheBuild() throws Exception {
    assertThat(on("cpu-1", "ls /build/test-classes/it")).contains("TopologyIT.class");
    assertThat(on("gpu-0", "cat /pom.xml")).contains("<artifactId>parent</artifactId>");
    assertThatThrownBy(() -> on("cpu-0", "sh -c 'echo > /pom.xml'"))
        .hasMessageContaining("Read-only file system");
  }

  @Test
  void isSetUp() throws Exception {
    assertThat(login.run("cat /var/everywhere")).isEqualTo("hello from the SDK");
    assertThat(login.run("ls /var")).doesNotContain("compute", "gpu");
    for (String node : List.of("cpu-0", "cpu-1", "gpu-0")) {
      assertThat(on(node, "cat /var/everywhere")).isEqualTo("hello from the SDK");
      assertThat(on(node, "sh -c 'echo 6*7 | bc'")).isEqualTo("42");
      assertThat(on(node, "cat /var/compute")).isEqualTo("one\ntwo");
    }
    assertThat(on("gpu-0", "ls /var")).contains("gpu");
    assertThat(on("cpu-0", "ls /var")).doesNotContain("gpu");
  }

  @Test
  void projectHasThePropertiesOfTheFile() {
    for (String name : List.of("registry", "registry.internal")) {
      assertThat(System.getProperty("slurm." + name))
          .isNotBlank()
          .isEqualTo(System.getProperty("fromTheProject." + name));
    }
    assertThat(System.getProperty("slurm.registry.internal")).isEqualTo("registry:5000");
    assertThat(System.getProperty("slurm.ssh.privateKey.alice"))
        .isEqualTo(System.getProperty("fromTheProject.alice"));
  }

  @Test
  void nodesReadWhatTheHostPutsIntoTheRegistry() throws Exception {
    byte[] content = "content".getBytes(StandardCharsets.UTF_8);
    String digest =
        "sha256:"
            + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    URI blobs = URI.create("http://" + System.getProperty("slurm.registry") + "/v2/it/blobs/");
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<Void> begun =
        client.send(
            HttpRequest.newBuilder(blobs.resolve("uploads/"))
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.discarding());
    String upload = begun.headers().firstValue("Location").orElseThrow();
    HttpResponse<Void> put =
        client.send(
            HttpRequest.newBuilder(blobs.resolve(upload + "&digest=" + digest))
                .PUT(BodyPublishers.ofByteArray(content))
                .build(),
            BodyHandlers.discarding());
    assertThat(put.statusCode()).isEqualTo(201);

    login.write(
        "read.py",
        "from urllib.request import urlopen\n"
            + "print(urlopen('http://%s/v2/it/blobs/%s').read().decode())\n"
                .formatted(System.getProperty("slurm.registry.internal"), digest));
    assertThat(on("cpu-0", "python3 read.py")).isEqualTo("content");
  }
}
