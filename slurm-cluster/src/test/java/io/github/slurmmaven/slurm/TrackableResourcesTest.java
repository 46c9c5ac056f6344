/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrackableResourcesTest {

  @ParameterizedTest
  @CsvSource({
    "'cpu=2,mem=4G,node=1,billing=2', 2, 4096, 0",
    "'cpu=1,mem=100M,gres/gpu=3,gres/gpu:fake=3', 1, 100, 3",
    "'billing=1,cpu=1,gres/gpu:fake=1,gres/gpu=1,mem=1.50G,node=1', 1, 1536, 1",
    "'cpu=1,mem=1048576K', 1, 1024, 0",
    "'cpu=1,mem=2T', 1, 2097152, 0",
    "'node=1', 0, 0, 0"
  })
  void readsCpusMegabytesAndGpus(String list, long cpus, long memory, long gpus) {
    assertThat(TrackableResources.of(list)).isEqualTo(new TrackableResources(cpus, memory, gpus));
  }

  @Test
  void prefersWhatAJobHasToWhatItAskedFor() {
    assertThat(TrackableResources.of(Optional.of("cpu=4"), Optional.of("cpu=2")).cpus())
        .isEqualTo(4);
    assertThat(TrackableResources.of(Optional.empty(), Optional.of("cpu=2")).cpus()).isEqualTo(2);
    assertThat(TrackableResources.of(Optional.empty(), Optional.empty()))
        .isEqualTo(TrackableResources.NONE);
  }
}
