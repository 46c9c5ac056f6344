/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.DockerException;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.net.SocketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailuresTest {

  private final ObjectMapper mapper = new ObjectMapper();
  private final Failures failures = new Failures("unix:///x (DOCKER_HOST)", mapper);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          404 | No such container: x | NOT_FOUND
          409 | Conflict. The container name "/x" is already in use by container "1" | NAME_IN_USE
          409 | network with name x already exists | NAME_IN_USE
          500 | creating container storage: the container name "x" is already in use by 1 | NAME_IN_USE
          409 | Container x is not running | OTHER
          409 | remove x: volume is in use - [1] | OTHER
          500 | Bind for 127.0.0.1:22 failed: port is already allocated | PORT_IN_USE
          500 | failed to mkdir /var/lib/docker/volumes/x_home/_data/slurm: mkdir /var/lib/docker/volumes/x_home/_data/slurm: file exists | RACE
          500 | Error processing tar file(exit status 1): cannot overwrite directory "/home/alice" with non-directory "/" | OTHER_TYPE
          500 | copier: put: error creating "/etc/passwd": mkdir /etc/passwd: file exists | OTHER_TYPE
          500 | listen tcp4 127.0.0.1:22: bind: address already in use | PORT_IN_USE
          500 | failed to bind host port for 127.0.0.1:22: address already in use | PORT_IN_USE
          500 | Ports are not available: exposing port TCP 127.0.0.1:22 | PORT_IN_USE
          500 | Address already in use | OTHER
          500 | Error starting userland proxy: listen tcp4 192.0.2.1:22: bind: cannot assign requested address | NO_SUCH_ADDRESS
          403 | Pool overlaps with other one on this address space | SUBNET_IN_USE
          409 | subnet 10.0.0.0/24 is already used on the host or by another config | SUBNET_IN_USE
          500 | could not find an available, non-overlapping IPv4 address pool | OTHER
          400 | OCI runtime create failed: exec: "x": executable file not found in $PATH: unknown | NO_SUCH_PROGRAM
          404 | crun: executable file `x` not found in $PATH: No such file or directory | NO_SUCH_PROGRAM
          500 | manifest verification failed for digest sha256:0a | OTHER_DIGEST
          500 | filesystem layer verification failed for digest sha256:0a | OTHER_DIGEST
          500 | image config verification failed for digest sha256:0a | OTHER_DIGEST
          500 | failed commit on ref "manifest-sha256:0a": unexpected commit digest sha256:0b, expected sha256:0a: failed precondition | OTHER_DIGEST
          500 | Manifest does not match provided manifest digest sha256:0a | OTHER_DIGEST
          500 | writing blob: Digest did not match, expected sha256:0a, got sha256:0b | OTHER_DIGEST
          500 | something else | OTHER
          """)
  void kindFollowsTheEnginesAnswer(int status, String words, Kind kind) throws Exception {
    String body = mapper.createObjectNode().put("message", words).toString();

    EngineException failure = failures.translate("cannot x", new DockerException(body, status));

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessage("cannot x: " + words);
  }

  @Test
  void wordsOfPodmanStandInTheDetail() {
    assertThat(
            failures.translate(
                "cannot x", new DockerException("{\"errorDetail\":{\"message\":\"denied\"}}", 500)))
        .hasMessage("cannot x: denied");
  }

  @Test
  void answerThatIsNotJsonIsKept() {
    assertThat(failures.translate("cannot x", new DockerException("{Bad Gateway", 502)))
        .hasMessage("cannot x: Status 502: {Bad Gateway");
  }

  @Test
  void lostConnectionIsUnreachable() {
    EngineException failure =
        failures.translate("cannot x", new RuntimeException(new SocketException("Broken pipe")));

    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(failure)
        .hasMessage(
            "cannot x: the container engine at unix:///x (DOCKER_HOST) does not answer any more"
                + " (Broken pipe); is it still running?");
  }

  @Test
  void answerCutInTheMiddleIsUnreachableButAWrongOneIsNot() {
    assertThat(failures.translate("cannot x", parsing("{\"a\":")).kind())
        .isEqualTo(Kind.UNREACHABLE);
    assertThat(failures.translate("cannot x", parsing("<html>")).kind()).isEqualTo(Kind.OTHER);
  }

  private RuntimeException parsing(String text) {
    try {
      throw new AssertionError(mapper.readTree(text));
    } catch (JsonProcessingException e) {
      return new RuntimeException(e);
    }
  }
}
