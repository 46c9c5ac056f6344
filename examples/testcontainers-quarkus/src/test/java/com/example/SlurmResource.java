/* SPDX-License-Identifier: Apache-2.0 */
package com.example;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.testcontainers.SlurmContainer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

public class SlurmResource implements QuarkusTestResourceLifecycleManager {

  private final SlurmContainer slurm = new SlurmContainer("24.11");

  @Override
  public Map<String, String> start() {
    slurm.start();
    Connection connection = slurm.getConnection();
    return Map.of(
        "slurm.ssh.host", connection.sshHost(),
        "slurm.ssh.port", Integer.toString(slurm.getSshPort()),
        "slurm.ssh.private-key", slurm.getPrivateKey().toString(),
        "slurm.ssh.known-hosts", connection.sshKnownHosts().toString());
  }

  @Override
  public void stop() {
    slurm.stop();
  }
}
