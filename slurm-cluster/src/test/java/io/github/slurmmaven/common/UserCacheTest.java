/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserCacheTest {

  @ParameterizedTest
  @CsvSource({
    "/caches, /home/me, /caches/slurm-maven-plugin",
    ", /home/me, /home/me/.cache/slurm-maven-plugin",
    "'', /home/me, /home/me/.cache/slurm-maven-plugin",
    "caches, /home/me, /home/me/.cache/slurm-maven-plugin",
    "caches, me, ",
    ", , "
  })
  void isBelowTheFirstAbsolutePath(String cache, String home, String directory) {
    Map<String, String> variables = new HashMap<>();
    variables.put("XDG_CACHE_HOME", cache);
    variables.put("HOME", home);

    assertThat(UserCache.directory(variables).map(Path::toString).orElse(null))
        .isEqualTo(directory);
  }

  @Test
  void isBelowTheHomeOfWindows() {
    assertThat(UserCache.directory(Map.of("USERPROFILE", "/users/me")))
        .hasValue(Path.of("/users/me/.cache/slurm-maven-plugin"));
  }
}
