/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A JSON Web Token like those of {@code scontrol token}, with which slurmctld authenticates a user;
 * see <a href="https://slurm.schedmd.com/jwt.html">Slurm's page about them</a>.
 */
final class RestToken {

  private static final String ALGORITHM = "HmacSHA256";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private RestToken() {}

  /**
   * Signs a token.
   *
   * @param key the cluster's key
   * @param user the user whom it authenticates
   * @param end when it expires
   */
  static String sign(byte[] key, String user, Instant end) {
    String unsigned =
        encode(Map.of("alg", "HS256", "typ", "JWT"))
            + "."
            + encode(Map.of("exp", end.getEpochSecond(), "sun", user));
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      byte[] signature = mac.doFinal(unsigned.getBytes(StandardCharsets.US_ASCII));
      return unsigned + "." + BASE64.encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  private static String encode(Map<String, Object> claims) {
    try {
      return BASE64.encodeToString(JSON.writeValueAsBytes(new TreeMap<>(claims)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("claims are texts and numbers", e);
    }
  }
}
