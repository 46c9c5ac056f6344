/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RestAccessTest {

  private static final RestAccess SLURM =
      new RestAccess(
          URI.create("http://127.0.0.1:6820"),
          "slurm",
          "s",
          Map.of("alice", "a"),
          List.of("v0.0.41", "v0.0.42"));

  @Test
  void aRequestHasPathAndHeaders() {
    HttpRequest request = SLURM.request("/slurm/{version}/jobs").build();

    assertThat(request.version()).contains(HttpClient.Version.HTTP_1_1);
    assertThat(request.uri()).hasToString("http://127.0.0.1:6820/slurm/v0.0.42/jobs");
    assertThat(request.headers().map())
        .containsEntry("X-SLURM-USER-NAME", List.of("slurm"))
        .containsEntry("X-SLURM-USER-TOKEN", List.of("s"));
  }

  @Test
  void anotherUserHasATokenOfHerOwn() {
    RestAccess alice = SLURM.as("alice");

    assertThat(alice.user()).isEqualTo("alice");
    assertThat(alice.token()).isEqualTo("a");
    assertThat(alice.as("slurm")).isEqualTo(SLURM);
    assertThat(SLURM.as("slurm")).isSameAs(SLURM);
  }

  @Test
  void namesTheUsersWhereOneIsUnknown() {
    assertThatThrownBy(() -> SLURM.as("bob"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "The cluster has no token of user 'bob': name one of alice, slurm, or add the user to the cluster (users)");
  }
}
