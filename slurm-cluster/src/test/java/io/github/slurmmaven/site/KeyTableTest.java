/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.site.KeyTable.Key;
import io.github.slurmmaven.site.KeyTable.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTableTest {

  @ParameterizedTest
  @ValueSource(strings = {KeyTable.GLOBAL, KeyTable.NODE, KeyTable.PARTITION, KeyTable.NODE_SET})
  void saysWhyWhatIsNotKeptIsNot(String line) {
    assertThat(KeyTable.on(line))
        .isNotEmpty()
        .allSatisfy(key -> assertThat(key.reason().isEmpty()).isEqualTo(key.kind() == Kind.POLICY))
        .allSatisfy(key -> assertThat(key.source()).matches("\\d\\d\\.\\d\\d"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AccountingStoragePass",
        "AuthAltParameters",
        "AuthInfo",
        "JobCompPass",
        "DefaultStoragePass",
        "JobCredentialPrivateKey",
        "MailDomain",
        "SlurmctldHost",
        "ControlAddr"
      })
  void keepsNoSecretAndNoAddress(String name) {
    assertThat(KeyTable.find(KeyTable.GLOBAL, name)).map(Key::kind).contains(Kind.INFRASTRUCTURE);
  }

  @Test
  void findsAParameterInAnyCase() {
    assertThat(KeyTable.find(KeyTable.GLOBAL, "KILLWAIT")).map(Key::name).contains("KillWait");
    assertThat(KeyTable.find(KeyTable.GLOBAL, "RealMemory")).isEmpty();
  }

  @Test
  void knowsTheReleasesOfAParameter() {
    Key key = KeyTable.find(KeyTable.GLOBAL, "MaxBatchRequeue").orElseThrow();

    assertThat(key.isKnownTo(SlurmVersion.V22_05)).isFalse();
    assertThat(key.isKnownTo(SlurmVersion.V24_11)).isTrue();
  }
}
