/* SPDX-License-Identifier: Apache-2.0 */
package com.example;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The code under test: submits jobs to a Slurm cluster over SSH. */
@ApplicationScoped
public class SlurmJobs {

  private final String host;
  private final int port;
  private final String privateKey;
  private final File knownHosts;

  public SlurmJobs(
      @ConfigProperty(name = "slurm.ssh.host") String host,
      @ConfigProperty(name = "slurm.ssh.port") int port,
      @ConfigProperty(name = "slurm.ssh.private-key") String privateKey,
      @ConfigProperty(name = "slurm.ssh.known-hosts") File knownHosts) {
    this.host = host;
    this.port = port;
    this.privateKey = privateKey;
    this.knownHosts = knownHosts;
  }

  /** Runs a command as a job, and returns the job's number when it has ended. */
  public long run(String command) throws IOException {
    try (SSHClient client = new SSHClient()) {
      client.loadKnownHosts(knownHosts);
      client.connect(host, port);
      client.authPublickey("slurm", privateKey);
      try (Session session = client.startSession();
          Session.Command sbatch =
              session.exec("sbatch --parsable --wait --wrap='" + command + "'")) {
        String number =
            new String(sbatch.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        sbatch.join();
        if (sbatch.getExitStatus() != 0) {
          throw new IOException("The job ended with status " + sbatch.getExitStatus());
        }
        return Long.parseLong(number.strip());
      }
    }
  }
}
