/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.model.PullResponseItem;
import io.github.slurmmaven.engine.EngineProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PullProgressTest {

  private final List<String> lines = new ArrayList<>();
  private final List<String> statuses = new ArrayList<>();
  private long now = Long.MAX_VALUE - Duration.ofMillis(300).toNanos();
  private final PullProgress progress =
      new PullProgress(
          new EngineProgress() {
            @Override
            public void line(String line) {
              lines.add(line);
            }

            @Override
            public void now(String status) {
              statuses.add(status);
            }
          },
          () -> now);

  private void receive(int millisLater, String id, String status, String detail)
      throws JsonProcessingException {
    now += Duration.ofMillis(millisLater).toNanos();
    progress.accept(
        new ObjectMapper()
            .readValue(
                "{\"id\":\"%s\",\"status\":\"%s\",\"progressDetail\":{%s}}"
                    .formatted(id, status, detail),
                PullResponseItem.class));
  }

  @Test
  void tellsHowFarAllLayersAre() throws Exception {
    receive(0, "1.2", "Pulling from library/x", "");
    receive(0, "aaa", "Pulling fs layer", "");
    receive(0, "bbb", "Pulling fs layer", "");
    receive(200, "ccc", "Already exists", "");
    receive(200, "aaa", "Downloading", "\"current\":1000000,\"total\":20000000");
    receive(200, "bbb", "Downloading", "\"current\":45500000,\"total\":100000000");
    receive(200, "aaa", "Download complete", "");
    receive(200, "aaa", "Extracting", "\"current\":1,\"total\":20000000");
    receive(200, "aaa", "Pull complete", "");

    assertThat(statuses)
        .containsExactly(
            "0 of 1 layers",
            "1 of 3 layers",
            "1 of 3 layers, 1 of 20 MB",
            "1 of 3 layers, 46 of 120 MB",
            "1 of 3 layers, 65 of 120 MB",
            "1 of 3 layers, 65 of 120 MB",
            "2 of 3 layers, 65 of 120 MB");
    assertThat(lines)
        .containsExactly(
            "Pulling from library/x", "Layer ccc complete (1 of 3)", "Layer aaa complete (2 of 3)");
  }

  @Test
  void tellsAtMostFiveTimesASecond() throws Exception {
    for (int i = 0; i <= 1000; i++) {
      receive(
          1, "aaa", "Downloading", "\"current\":%d,\"total\":1000000000".formatted(i * 1_000_000));
    }

    assertThat(statuses)
        .containsExactly(
            "0 of 1 layers, 0 of 1000 MB",
            "0 of 1 layers, 200 of 1000 MB",
            "0 of 1 layers, 400 of 1000 MB",
            "0 of 1 layers, 600 of 1000 MB",
            "0 of 1 layers, 800 of 1000 MB",
            "0 of 1 layers, 1000 of 1000 MB");
  }

  @Test
  void doesWithoutSizes() throws Exception {
    receive(0, "aaa", "Downloading", "\"current\":5");

    assertThat(statuses).containsExactly("0 of 1 layers");
  }
}
