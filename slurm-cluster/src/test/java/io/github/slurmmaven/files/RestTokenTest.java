/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class RestTokenTest {

  private static final byte[] KEY =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private static String decode(String part) {
    return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
  }

  @Test
  void saysForWhomAndUntilWhen() {
    String[] parts = RestToken.sign(KEY, "alice", Instant.ofEpochSecond(4102444800L)).split("\\.");

    assertThat(decode(parts[0])).isEqualTo("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    assertThat(decode(parts[1])).isEqualTo("{\"exp\":4102444800,\"sun\":\"alice\"}");
    assertThat(Base64.getUrlDecoder().decode(parts[2])).hasSize(32);
  }

  /** The signature is what {@code openssl dgst -sha256 -hmac} makes of the rest. */
  @Test
  void isSignedWithTheKey() {
    assertThat(RestToken.sign(KEY, "slurm", Instant.ofEpochSecond(4102444800L)))
        .isEqualTo(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjQxMDI0NDQ4MDAsInN1biI6InNsdXJtIn0.lgfJ_o29qT-HxCIGecwQgR2-ZGg_GI_PZdmbZZvNdwU");
  }
}
