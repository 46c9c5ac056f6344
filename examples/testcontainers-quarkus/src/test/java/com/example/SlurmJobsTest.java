/* SPDX-License-Identifier: Apache-2.0 */
package com.example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(SlurmResource.class)
class SlurmJobsTest {

  @Inject SlurmJobs jobs;

  @Test
  void runsAJob() throws Exception {
    assertTrue(jobs.run("hostname") > 0);
  }
}
