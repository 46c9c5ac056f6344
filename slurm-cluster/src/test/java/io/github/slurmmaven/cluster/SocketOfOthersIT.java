/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("docker")
@Timeout(600)
@DisplayName("An engine's socket that this user may not use")
class SocketOfOthersIT {

  private static final String DENIED =
      "(%s): permission denied; add yourself to the group that owns the socket (sudo usermod -aG"
          + " docker $USER) and log in anew";

  @TempDir private Path directory;
  private Path classes;
  private Path socket;
  private ServerSocketChannel engine;

  @BeforeEach
  void listen() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    classes = Files.createDirectory(directory.resolve("classes"));
    Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
    socket = directory.resolve("docker.sock");
    engine = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    engine.bind(UnixDomainSocketAddress.of(socket));
    // Root's alone; where another user runs the tests, not even that one's.
    Files.setPosixFilePermissions(
        socket, PosixFilePermissions.fromString(OrdinaryUser.isRoot() ? "rw-------" : "---------"));
  }

  @AfterEach
  void close() throws IOException {
    engine.close();
  }

  private String connect(String variable, String value) throws Exception {
    List<String> command =
        OrdinaryUser.java(
            classes,
            ConnectToEngine.class,
            variable,
            value,
            socket.toString(),
            directory.toString());
    Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
    program.getOutputStream().close();
    String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void isToldWithWhatHelps() throws Exception {
    assertThat(connect("DOCKER_HOST", "unix://" + socket))
        .startsWith("NoEngineException: No container engine answers. Tried unix://" + socket)
        .contains(DENIED.formatted("DOCKER_HOST"));
  }

  @Test
  void isOneReasonAmongOthersWhenNoEngineWasNamed() throws Exception {
    assertThat(connect("", ""))
        .startsWith("NoEngineException: No container engine answers. Tried unix://" + socket)
        .contains(DENIED.formatted("default") + "; ")
        .contains("/.docker/run/docker.sock (Docker Desktop): no such file");
  }
}
