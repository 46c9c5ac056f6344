/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmVersionTest {

  @ParameterizedTest
  @ValueSource(strings = {"22.05", "24.11", "25.11.4", "26.05.0", "30.02.12"})
  void isWrittenAsItWasRead(String text) {
    assertThat(SlurmVersion.of("slurmVersion", text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "24", "24.11.", "24.11.x", "24.11-5", "v24.11", "2024.11", "20.11"})
  void refusesWhatIsNotAReleaseThatCanBeRun(String text) {
    assertThatThrownBy(() -> SlurmVersion.of("slurmVersion", text))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("use 22.05 or 24.11 or 26.05");
  }

  @Test
  void areOrderedByAge() {
    assertThat(new String[] {"26.05", "24.11.10", "25.05", "24.11", "24.11.9"})
        .extracting(SlurmVersion::of)
        .satisfies(
            versions ->
                assertThat(versions.stream().sorted())
                    .extracting(SlurmVersion::release)
                    .containsExactly("24.11", "24.11.9", "24.11.10", "25.05", "26.05"));
  }

  @ParameterizedTest
  @CsvSource({
    "24.11.5, 24.11,   true",
    "24.11.5, 24.11.5, true",
    "24.11.5, 24.11.6, false",
    "26.11.0, 26.05,   false",
    "24.11,   24.11.5, false"
  })
  void isOfALineOrTheSameRelease(SlurmVersion found, SlurmVersion asked, boolean expected) {
    assertThat(found.isOf(asked)).isEqualTo(expected);
  }

  /** The releases at which something changed, from the sources that {@link ReleaseFact} names. */
  @ParameterizedTest
  @CsvSource({
    "CGROUP_PLUGIN_DISABLED, 23.11.11, 24.05,   99.11",
    "ENVIRONMENT_CACHE,      23.02.9,  23.11.0, 24.11.9",
    "ENVIRONMENT_CACHE,      25.05,    24.05,   23.11"
  })
  void factsHoldFromAReleaseToAnother(
      ReleaseFact fact, SlurmVersion not, SlurmVersion first, SlurmVersion last) {
    assertThat(fact.isTrueOf(not)).isFalse();
    assertThat(fact.isTrueOf(first)).isTrue();
    assertThat(fact.isTrueOf(last)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"22.05", "25.11.4", "26.05", "26.05.9"})
  void knownReleasesAreNotWarnedOf(String text) {
    assertThat(ReleaseFact.warning(SlurmVersion.of(text))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"26.11", "27.05.1"})
  void newerReleasesAreTakenForTheNewestKnownWithAWarning(String text) {
    assertThat(ReleaseFact.warning(SlurmVersion.of(text)).orElseThrow())
        .startsWith("Slurm " + text + " is newer than 26.05,");
  }
}
