/* SPDX-License-Identifier: Apache-2.0 */
package com.example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.slurmmaven.testcontainers.SlurmContainer;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

@SpringBootTest
@Testcontainers
class SlurmJobsTest {

  @Container private static final SlurmContainer SLURM = new SlurmContainer("24.11");

  @Autowired private SlurmJobs jobs;

  @DynamicPropertySource
  static void slurm(DynamicPropertyRegistry properties) {
    properties.add("slurm.ssh.host", () -> SLURM.getConnection().sshHost());
    properties.add("slurm.ssh.port", SLURM::getSshPort);
    properties.add("slurm.ssh.private-key", () -> SLURM.getPrivateKey().toString());
    properties.add("slurm.ssh.known-hosts", () -> SLURM.getConnection().sshKnownHosts().toString());
  }

  @Test
  void runsAJob() throws Exception {
    assertTrue(jobs.run("hostname") > 0);
  }
}
