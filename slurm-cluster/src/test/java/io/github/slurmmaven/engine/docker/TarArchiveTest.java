/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TarArchiveTest {

  private static final String LONG_PATH = "d".repeat(190) + "/ü" + "f".repeat(190);

  @Test
  void tarReadsIt() throws Exception {
    byte[] archive =
        TarArchive.of(
            Map.of(
                "Dockerfile",
                "FROM x\n".getBytes(UTF_8),
                "sub/empty",
                new byte[0],
                "sub/block",
                new byte[512],
                LONG_PATH,
                new byte[513]));

    assertThat(list(archive).lines())
        .containsExactly(
            "-rw-r--r-- 0/0               7 2000-01-01 00:00 Dockerfile",
            "-rw-r--r-- 0/0             513 2000-01-01 00:00 " + LONG_PATH,
            "-rw-r--r-- 0/0             512 2000-01-01 00:00 sub/block",
            "-rw-r--r-- 0/0               0 2000-01-01 00:00 sub/empty");
  }

  @Test
  void sameFilesGiveTheSameBytes() {
    Map<String, byte[]> one = new LinkedHashMap<>();
    one.put("a", new byte[] {1});
    one.put("b", new byte[] {2});
    Map<String, byte[]> other = new LinkedHashMap<>();
    other.put("b", new byte[] {2});
    other.put("a", new byte[] {1});

    assertThat(TarArchive.of(one)).isEqualTo(TarArchive.of(other));
  }

  private static String list(byte[] archive) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("tar", "--numeric-owner", "--quoting-style=literal", "-tvf", "-");
    builder.environment().put("TZ", "UTC");
    Process tar = builder.start();
    try (var stdin = tar.getOutputStream()) {
      stdin.write(archive);
    }
    try (InputStream stdout = tar.getInputStream()) {
      String text = new String(stdout.readAllBytes(), UTF_8);
      assertThat(tar.waitFor()).isZero();
      return text;
    }
  }
}
