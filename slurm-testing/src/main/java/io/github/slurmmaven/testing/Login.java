/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.Connection;
import java.io.IOException;
import net.schmizz.sshj.SSHClient;

/** A client of a cluster, for one test. */
record Login(SSHClient client) implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 60_000;

  static Login to(Connection connection) {
    SSHClient client = new SSHClient();
    try {
      client.loadKnownHosts(connection.sshKnownHosts().toFile());
      client.setConnectTimeout(TIMEOUT_MILLIS);
      client.setTimeout(TIMEOUT_MILLIS);
      client.connect(connection.sshHost(), connection.sshPort());
      client.authPublickey(connection.sshUser(), connection.sshPrivateKey().toString());
      return new Login(client);
    } catch (IOException e) {
      throw new io.github.slurmmaven.client.SlurmClusterException(
          "The test's SSH client cannot log in to %s:%d: %s"
              .formatted(connection.sshHost(), connection.sshPort(), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
