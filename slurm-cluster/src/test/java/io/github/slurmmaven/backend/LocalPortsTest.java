/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.InvalidParameterException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class LocalPortsTest {

  private static final String LOOPBACK = "127.0.0.1";

  @Test
  void portThatIsTakenIsNotForbidden() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      IOException failure =
          catchThrowableOfType(
              IOException.class,
              () -> new ServerSocket(port, 5, InetAddress.getLoopbackAddress()).close());

      assertThat(LocalPorts.isRefusal(failure)).isFalse();
      assertThat(LocalPorts.isFree(LOOPBACK, port)).isFalse();
      assertThatCode(() -> LocalPorts.requirePermission("port", LOOPBACK, port))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void onlyTheProcessThatHasThePortListensOnIt() throws Exception {
    Process other = new ProcessBuilder("sleep", "60").start();
    try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      int port = socket.getLocalPort();

      assertThat(LocalPorts.listens(ProcessHandle.current().pid(), port)).isTrue();
      assertThat(LocalPorts.listens(other.pid(), port)).isFalse();
      socket.close();
      assertThat(LocalPorts.listens(ProcessHandle.current().pid(), port)).isFalse();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void anyFreePortIsAllowed() {
    assertThatCode(() -> LocalPorts.requirePermission("port", LOOPBACK, 0))
        .doesNotThrowAnyException();
  }

  @Test
  void forbiddenPortNeedsAPrivilegeAndIsNotTakenByAnotherProgram() {
    int port = 1;
    IOException failure =
        catchThrowableOfType(
            IOException.class,
            () -> new ServerSocket(port, 5, InetAddress.getLoopbackAddress()).close());
    assumeTrue(failure != null, "this user may bind every port");

    assertThat(LocalPorts.isRefusal(failure)).isTrue();
    assertThat(LocalPorts.isFree(LOOPBACK, port)).isTrue();
    assertThatThrownBy(() -> LocalPorts.requirePermission("port", LOOPBACK, port))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "port: '1' needs a privilege that this user does not have: use 1024 or higher, or 0 for"
                + " any free port");
  }
}
