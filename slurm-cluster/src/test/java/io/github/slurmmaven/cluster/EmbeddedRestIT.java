/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** slurmrestd as a process of this machine. */
@Tag("embedded")
@ParameterizedClass(name = "{0}")
@Releases.All
class EmbeddedRestIT extends RestContract {

  EmbeddedRestIT(SlurmVersion version) {
    super(TestBackend.EMBEDDED);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.EMBEDDED, version, "preset: multi-node\nrest: true\naccounting: true\n");
  }

  /** What slurmdbd has is served, too, where there is one. */
  @Test
  void readsAJobThatAccountingHasRecorded() throws Exception {
    JobId job = submit(rest(), "#!/bin/sh\nexit 3\n");

    JsonNode recorded = recorded(job);
    // In 22.05 a text, and then a list of them. The exit code there is always 0, and a job that has
    // ended at once is called allocation until slurmctld has sent its start, some seconds later.
    while (!recorded.path("state").path("current").toString().contains("\"FAILED\"")
        || recorded.path("name").asText().equals("allocation")) {
      Thread.sleep(100);
      recorded = recorded(job);
    }

    assertThat(recorded.path("name").asText()).isEqualTo("rest");
  }

  private static JsonNode recorded(JobId job) throws Exception {
    Answer answer = send(rest().request("/slurmdb/{version}/job/" + job));
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return answer.body().path("jobs").path(0);
  }
}
