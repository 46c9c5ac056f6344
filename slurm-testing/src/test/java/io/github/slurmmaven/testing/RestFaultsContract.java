/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.Faults.Fault;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The parameters of a REST client's test, and the return of slurmrestd after any other fault. */
@ResourceLock("rest")
@Timeout(240)
abstract class RestFaultsContract {

  private final SlurmCluster cluster;
  private final Faults faults;
  private final RestAccess rest;

  RestFaultsContract(SlurmCluster cluster, RestAccess rest) {
    this.cluster = cluster;
    this.rest = rest;
    faults = new Faults(cluster);
  }

  private int status() throws Exception {
    return HttpClient.newHttpClient()
        .send(rest.request("/slurm/{version}/jobs").build(), BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void addressAndTokenAreThoseOfTheCluster(@Rest URI address, @Rest String token) throws Exception {
    assertThat(cluster.connection().flatMap(Connection::rest)).contains(rest);
    assertThat(address).isEqualTo(rest.url());
    assertThat(token).isEqualTo(rest.token());
    assertThat(status()).isEqualTo(200);
  }

  @Test
  void slurmrestdComesBackWhileANodeIsDrainedAndRunsNoJob() throws Exception {
    int before = submit();
    try (Fault drained = faults.drain("slurm", "bad disk")) {
      stopsAndComesBack();
    }
    assertThat(submit()).isEqualTo(before + 1);
  }

  /** Returns the number of a new job. */
  private int submit() {
    return Integer.parseInt(
        cluster.run("sbatch --parsable --output=/dev/null --wrap true").stdout().strip());
  }

  @Test
  void slurmrestdComesBackWhileSlurmctldIsPaused() throws Exception {
    try (Fault paused = faults.pauseController()) {
      stopsAndComesBack();
    }
    assertThat(status()).isEqualTo(200);
  }

  @Test
  void slurmrestdComesBackWhileSlurmctldIsStopped() throws Exception {
    try (Fault stopped = faults.stopController()) {
      stopsAndComesBack();
    }
    assertThat(status()).isEqualTo(200);
  }

  private void stopsAndComesBack() throws Exception {
    try (Fault stopped = faults.stopRest()) {
      assertThatThrownBy(this::status).isInstanceOf(IOException.class);
    }
    assertThat(
            HttpClient.newHttpClient()
                .send(rest.request("/openapi/v3").build(), BodyHandlers.discarding())
                .statusCode())
        .isEqualTo(200);
  }
}
