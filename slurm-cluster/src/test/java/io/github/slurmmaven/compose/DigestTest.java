/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The digest of a service")
class DigestTest {

  private static String digest(Path parent, String line) {
    return new ProjectDirectory(parent)
        .compose(
            "services:\n  a:\n    image: i\n    "
                + line
                + "\n  b: {image: i}\nnetworks: {n: }\nvolumes: {v1: , v2: }\n")
        .readService("a")
        .digest();
  }

  @Test
  void isTheSameInEveryVersion() {
    assertThat(
            ComposeProject.read(ComposeConfig.sample("minimal"), ComposeConfig.ENVIRONMENT)
                .services()
                .values())
        .extracting(ComposeService::digest)
        .containsExactly("757a6d26d4fbd97d8c7ad92e64ac1f8b35b7fb70de6964146f89883cde4364da");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      textBlock =
          """
          environment: {A: x, B: y}            > environment: [B=y, A=x]
          command: a 'b c'                     > command: [a, b c]
          mem_limit: 1g                        > deploy: {resources: {limits: {memory: 1024m}}}
          ports: ['8000-8001:80-81']           > ports: ['8000:80', {target: 81, published: 8001}]
          stop_grace_period: 90s               > stop_grace_period: 1m30s
          volumes: ['./x:/x:ro']               > volumes: [{type: bind, source: x, target: /x, read_only: true}]
          depends_on: [b]                      > x-nothing: 1
          init: false                          > cap_add: []
          """)
  void isOfTheMeaning(String one, String other, @TempDir Path parent) {
    assertThat(digest(parent, one)).isEqualTo(digest(parent, other)).matches("[0-9a-f]{64}");
  }

  @Test
  void tellsApart(@TempDir Path parent) {
    List<String> lines =
        List.of(
            "x-nothing: 1",
            "container_name: other",
            "hostname: x",
            "entrypoint: []",
            "command: []",
            "command: [a b]",
            "command: [a, b]",
            "user: x",
            "working_dir: /x",
            "environment: {A: ''}",
            "labels: {A: ''}",
            "volumes: ['v1:/x']",
            "volumes: ['v2:/x']",
            "volumes: ['v1:/x:ro']",
            "tmpfs: /x",
            "ports: ['80']",
            "ports: ['80:80']",
            "ports: ['80/udp']",
            "ports: ['127.0.0.1:80:80']",
            "networks: [n]",
            "networks: [n, default]",
            "networks: {n: {aliases: [x]}}",
            "extra_hosts: ['a:1.1.1.1']",
            "dns: 1.1.1.1",
            "cap_add: [X]",
            "cap_drop: [X]",
            "security_opt: [X]",
            "devices: [/dev/null]",
            "cpus: 1",
            "mem_limit: 1g",
            "pids_limit: 1",
            "shm_size: 1g",
            "stop_signal: INT",
            "stop_grace_period: 1s",
            "restart: always",
            "init: true",
            "privileged: true",
            "healthcheck: {disable: true}",
            "healthcheck: {retries: 1}",
            "healthcheck: {interval: 1s}",
            "healthcheck: {timeout: 1s}");

    assertThat(lines).extracting(line -> digest(parent, line)).doesNotHaveDuplicates();
  }
}
