/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;

/**
 * Slurm's REST API on each backend: what a client does with it, whom it lets in, and what outlives
 * what. One cluster runs for all tests of a release.
 */
@Timeout(600)
abstract class RestContract extends RealClusters {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  /** From this API version on, a job's environment is a list, and its script a part of it. */
  private static final int LISTS = 40;

  private static TestBackend running;
  private static SlurmVersion release;
  private static SlurmCluster shared;

  RestContract(TestBackend backend) {
    super(backend);
  }

  /** Starts the cluster of a release's tests. */
  static void start(TestBackend backend, SlurmVersion version, String definition)
      throws IOException {
    backend.require();
    running = backend;
    release = version;
    ClusterRequest request =
        backend
            .cluster("rest-" + version.year())
            .outputDirectory(outputDirectory())
            .definition(definition("rest", definition))
            .restPort(0)
            .slurmVersion(version.release())
            .build();
    shared = request.cluster();
    request.start();
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    if (shared != null) {
      shared.destroy();
      running.assertNothingIsLeftOf(shared);
      shared = null;
    }
  }

  static SlurmCluster cluster() {
    return shared;
  }

  static RestAccess rest() {
    return shared.connection().flatMap(Connection::rest).orElseThrow();
  }

  record Answer(int status, JsonNode body) {

    /** What Slurm says is wrong. */
    String errors() {
      return body.path("errors").toString();
    }
  }

  static Answer send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(request.timeout(LONG).build(), BodyHandlers.ofString());
    String type = answer.headers().firstValue("Content-Type").orElse("");
    return new Answer(
        answer.statusCode(),
        type.startsWith("application/json")
            ? JSON.readTree(answer.body())
            : JSON.createObjectNode().put("text", answer.body()));
  }

  private static Answer get(RestAccess rest, String path) throws Exception {
    return send(rest.request("/slurm/{version}/" + path));
  }

  static JobId submit(RestAccess rest, String script) throws Exception {
    Answer answer = submission(rest, script);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return JobId.of(answer.body().path("job_id").asText());
  }

  private static Answer submission(RestAccess rest, String script) throws Exception {
    ObjectNode job = JSON.createObjectNode();
    job.put("name", "rest").put("current_working_directory", "/tmp");
    job.put("standard_output", "/dev/null").put("standard_error", "/dev/null");
    ObjectNode body = JSON.createObjectNode();
    if (number(rest.version()) < LISTS) {
      job.putObject("environment").put("PATH", "/bin:/usr/bin");
      body.put("script", script);
    } else {
      job.putArray("environment").add("PATH=/bin:/usr/bin");
      job.put("script", script);
    }
    body.set("job", job);
    return send(
        rest.request("/slurm/{version}/job/submit")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString())));
  }

  private static int number(String version) {
    return Integer.parseInt(version.substring(version.lastIndexOf('.') + 1));
  }

  static JsonNode job(RestAccess rest, JobId id) throws Exception {
    Answer answer = get(rest, "job/" + id);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return answer.body().path("jobs").path(0);
  }

  private static String state(JsonNode job) {
    JsonNode state = job.path("job_state");
    return state.isArray() ? state.path(0).asText() : state.asText();
  }

  private static void awaitState(RestAccess rest, JobId id, String wanted) throws Exception {
    long deadline = System.nanoTime() + LONG.toNanos();
    String state = state(job(rest, id));
    while (!state.equals(wanted) && System.nanoTime() < deadline) {
      Thread.sleep(50);
      state = state(job(rest, id));
    }
    assertThat(state).isEqualTo(wanted);
  }

  // What a client does.

  @Test
  void submitsReadsAndCancelsJobs() throws Exception {
    JobId ends = submit(rest(), "#!/bin/sh\nexit 3\n");
    JobId cancelled = submit(rest(), "#!/bin/sh\nsleep 600\n");

    awaitState(rest(), ends, "FAILED");
    assertThat(job(rest(), ends).path("name").asText()).isEqualTo("rest");
    assertThat(shared.await(ends, LONG).exit().code()).isEqualTo(3);
    awaitState(rest(), cancelled, "RUNNING");
    assertThat(send(rest().request("/slurm/{version}/job/" + cancelled).DELETE()).status())
        .isEqualTo(200);
    awaitState(rest(), cancelled, "CANCELLED");
  }

  @Test
  void everyVersionThatIsNamedAnswers() throws Exception {
    assertThat(rest().versions()).isNotEmpty().doesNotHaveDuplicates();
    for (String version : rest().versions()) {
      assertThat(send(rest().request("/slurm/" + version + "/ping")).status())
          .as(version)
          .isEqualTo(200);
    }
  }

  @Test
  void theDocumentHasTheVersionThatIsAskedFor() throws Exception {
    String oldest = rest().versions().get(0);

    JsonNode newest = JSON.readTree(shared.openApi(Optional.empty()));
    assertThat(newest.path("paths").fieldNames())
        .toIterable()
        .anyMatch(path -> path.startsWith("/slurm/" + rest().version() + "/job/submit"))
        .allMatch(path -> path.contains("/" + rest().version() + "/"));
    assertThat(JSON.readTree(shared.openApi(Optional.of(oldest))).path("paths").fieldNames())
        .toIterable()
        .isNotEmpty()
        .allMatch(path -> path.contains("/" + oldest + "/"));
    assertThatThrownBy(() -> shared.openApi(Optional.of("v0.0.1")))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining(String.join(", ", rest().versions()));
  }

  @Test
  void theStatusNamesIt() {
    assertThat(shared.status().rest().orElseThrow().url()).isEqualTo(rest().url().toString());
  }

  // Whom it lets in.

  @Test
  void aTokenOfItsOwnLifetimeIsTaken() throws Exception {
    assertThat(get(with(shared.token(Optional.empty(), LONG)), "jobs").status()).isEqualTo(200);
  }

  @Test
  void aTokenThatHasExpiredIsRefused() throws Exception {
    String token = shared.token(Optional.empty(), Duration.ZERO);
    Thread.sleep(1500);

    assertTokenIsRefused(get(with(token), "jobs"));
  }

  @Test
  void aTokenThatAnotherKeySignedIsRefused() throws Exception {
    ClusterRequest request =
        running
            .cluster("rest-other")
            .outputDirectory(outputDirectory())
            .definition(definition("rest-other", "preset: cpu\nrest: true\n"))
            .restPort(0)
            .build();
    SlurmCluster other = request.cluster();
    request.create();
    try {
      String token = other.token(Optional.of(rest().user()), LONG);

      assertTokenIsRefused(get(with(token), "jobs"));
    } finally {
      other.destroy();
    }
  }

  @Test
  void aDamagedTokenIsRefused() throws Exception {
    String token = rest().token();
    String other = token.endsWith("AAAA") ? "BBBB" : "AAAA";

    assertTokenIsRefused(get(with(token.substring(0, token.length() - 4) + other), "jobs"));
  }

  /** Slurm lets such a user read what everybody may read, and before 26.05 also submit. */
  @Test
  void anUnknownUserRunsNoJob() throws Exception {
    RestAccess mallory =
        new RestAccess(
            rest().url(),
            "mallory",
            shared.token(Optional.of("mallory"), LONG),
            Map.of(),
            rest().versions());

    Answer answer = submission(mallory, "#!/bin/sh\ntrue\n");

    if (answer.status() == 200) {
      JobId taken = JobId.of(answer.body().path("job_id").asText());
      try {
        awaitState(rest(), submit(rest(), "#!/bin/sh\ntrue\n"), "COMPLETED");
        // It is RUNNING for a moment each time that slurmctld tries to start it.
        assertThat(state(job(rest(), taken))).isNotIn("COMPLETED", "FAILED");
      } finally {
        // By the administrator: slurmctld 24.11 hangs when another user's token asks for it.
        shared.reset();
      }
    } else {
      assertThat(answer.status()).as(answer.errors()).isEqualTo(500);
      assertThat(release).isEqualTo(SlurmVersion.V26_05);
    }
  }

  @Test
  void aRequestWithoutATokenIsRefused() throws Exception {
    URI jobs = rest().url().resolve("/slurm/" + rest().version() + "/jobs");

    assertNobodyIsLetIn(send(HttpRequest.newBuilder(jobs)));
    assertNobodyIsLetIn(
        send(HttpRequest.newBuilder(jobs).header(RestAccess.USER_HEADER, rest().user())));
  }

  private static void assertNobodyIsLetIn(Answer answer) {
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body().toString()).contains("Authentication failure");
  }

  private static RestAccess with(String token) {
    return new RestAccess(rest().url(), rest().user(), token, Map.of(), rest().versions());
  }

  private static void assertTokenIsRefused(Answer answer) {
    assertThat(answer.status())
        .as(answer.body().toString())
        .isEqualTo(release.equals(SlurmVersion.V22_05) ? 500 : 511);
    assertThat(answer.body().path("errors")).isNotEmpty();
    assertThat(answer.body().path("jobs")).isEmpty();
  }

  @Test
  void aPortThatIsTakenIsRefusedWithItsHolder() throws IOException {
    int port = rest().url().getPort();
    ClusterRequest request =
        running
            .cluster("rest-taken")
            .outputDirectory(outputDirectory())
            .definition(definition("rest-taken", "preset: cpu\nrest: true\n"))
            .restPort(port)
            .build();

    assertThatThrownBy(request::create)
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith("restPort: '%d' is taken by ".formatted(port))
        .hasMessageEndingWith("end that, or use another port, or 0 for any free one");
  }

  @Test
  void onlyThisMachineReachesIt() throws Exception {
    assertThat(rest().url().getHost()).isEqualTo("127.0.0.1");
    String port = ":%04X".formatted(rest().url().getPort());
    List<String> sockets = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      sockets.addAll(Files.readAllLines(Path.of("/proc/net", table)));
    }
    assertThat(sockets)
        .filteredOn(line -> line.contains(port + " ") && line.contains(" 0A "))
        .isNotEmpty()
        .allMatch(line -> line.contains(" 0100007F" + port));
  }

  @Test
  void theKeyIsItsOwnersAndTheTokenIsInNoLogin() throws IOException {
    Path key = shared.directory().resolve("secrets/jwt_hs256.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    try (SlurmShell shell = shell(shared)) {
      assertThat(shell.ok("env; srun --quiet env; ps axeww"))
          .doesNotContain(rest().token())
          .doesNotContainPattern("(?m)^SLURM_JWT=");
    }
    assertThat(rest().toString()).doesNotContain(rest().token());
    assertThat(shared.connection().orElseThrow().toString()).doesNotContain(rest().token());
  }

  // What outlives what.

  @Test
  @Tag("slow")
  void tokensOutliveResetScaleAndRestart() throws Exception {
    RestAccess before = rest();

    shared.reset();
    assertThat(get(before, "jobs").status()).isEqualTo(200);
    shared.scale(Optional.empty(), 3);
    assertThat(get(before, "nodes").body().path("nodes")).hasSize(3);
    shared.scale(Optional.empty(), 2);
    shared.restart(Optional.empty());
    assertThat(get(before, "jobs").status()).isEqualTo(200);
    assertThat(rest()).isEqualTo(before);
  }

  /** A test may hold several faults, and what it sees is its own. */
  @Test
  void comesBackWhileSlurmctldIsAwayAndRunsNoJob() throws Exception {
    JobId before = submit(rest(), "#!/bin/sh\ntrue\n");

    shared.stopController();
    try {
      shared.stopRest();
      assertThatThrownBy(() -> get(rest(), "ping")).isInstanceOf(IOException.class);
      shared.startRest();
    } finally {
      shared.startController();
    }

    assertThat(submit(rest(), "#!/bin/sh\ntrue\n")).isEqualTo(JobId.of(before.number() + 1));
  }

  @Test
  void aStartBringsItBack() throws Exception {
    shared.stopRest();

    shared.start();

    assertThat(get(rest(), "jobs").status()).isEqualTo(200);
  }

  @Test
  void slurmGoesOnWhileItIsStopped() throws Exception {
    shared.stopRest();
    try {
      assertThatThrownBy(() -> get(rest(), "ping")).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> shared.openApi(Optional.empty()))
          .hasMessageContaining("does not answer");
      try (SlurmShell shell = shell(shared)) {
        assertThat(shell.ok("srun --quiet echo runs")).isEqualTo("runs");
      }
    } finally {
      shared.startRest();
    }
    assertThat(get(rest(), "ping").status()).isEqualTo(200);
  }

  @Test
  @Tag("slow")
  void aRequestWhileSlurmctldIsAwayFailsAndTheNextAnswers() throws Exception {
    shared.stopController();
    try {
      assertThat(get(rest(), "jobs").status()).isGreaterThanOrEqualTo(500);
    } finally {
      shared.startController();
    }
    assertThat(get(rest(), "jobs").status()).isEqualTo(200);
  }
}
