/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.SlurmClusterException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetsTest {

  private static final ClusterId ID = new ClusterId("slurm-test", Path.of("/c"));

  @Test
  void theLastOnesOfTheRangeAreFound() {
    Set<String> free = new HashSet<>(List.of("198.18.0", "198.18.255", "198.19.255"));
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 512; i++) {
      String octets = "198." + (18 + i / 256) + "." + i % 256;
      if (!free.contains(octets)) {
        taken.add(octets + ".0/24");
      }
    }

    while (!free.isEmpty()) {
      String octets = Subnets.choose(ID, taken);
      assertThat(free.remove(octets)).as(octets).isTrue();
      taken.add(octets + ".0/24");
    }

    assertThatThrownBy(() -> Subnets.choose(ID, taken))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("No free network is left in 198.18.0.0/15");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "198.18.7.0/24",
        "198.18.7.9/32",
        "198.18.7.128/25",
        "198.18.0.0/16",
        "198.18.0.0/15",
        "0.0.0.0/0",
        "198.18.7.1"
      })
  void overlapIsSeen(String taken) {
    assertThat(Subnets.isFree("198.18.7", List.of("10.0.0.0/8", taken))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "198.18.8.0/24",
        "198.18.6.255/32",
        "198.19.0.0/16",
        "172.17.0.0/16",
        "fe80::1/64"
      })
  void neighboursAreFree(String taken) {
    assertThat(Subnets.isFree("198.18.7", List.of(taken))).isTrue();
  }

  @Test
  void addressesOfThisMachineAreKnown() {
    assertThat(Subnets.ofThisMachine()).contains("127.0.0.1/8");
    assertThat(Subnets.isFree("127.0.0", Subnets.ofThisMachine())).isFalse();
  }
}
