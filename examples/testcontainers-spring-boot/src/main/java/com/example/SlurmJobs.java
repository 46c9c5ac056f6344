/* SPDX-License-Identifier: Apache-2.0 */
package com.example;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Service;

/** The code under test: submits jobs to a Slurm cluster over SSH. */
@Service
public class SlurmJobs {

  private final String host;
  private final int port;
  private final String privateKey;
  private final File knownHosts;

  public SlurmJobs(
      @Value("${slurm.ssh.host}") String host,
      @Value("${slurm.ssh.port}") int port,
      @Value("${slurm.ssh.private-key}") String privateKey,
      @Value("${slurm.ssh.known-hosts}") File knownHosts) {
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
