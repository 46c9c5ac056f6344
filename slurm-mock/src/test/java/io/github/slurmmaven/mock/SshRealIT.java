/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** SSH of real clusters. */
class SshRealIT {

  private abstract static class Cluster extends SshContract {

    private final String engine;
    private final String version;
    private SlurmCluster cluster;
    private Connection connection;

    Cluster(String engine, String version) {
      this.engine = engine;
      this.version = version;
    }

    @BeforeAll
    void start(@TempDir Path directory) {
      ClusterRequest request =
          ClusterRequest.builder()
              .name("ssh")
              .outputDirectory(directory)
              .preset("cpu")
              .engine(engine)
              .slurmVersion(version)
              .ssh(ssh -> ssh.port(0))
              .ownedByThisBuild(true)
              .build();
      cluster = request.cluster();
      connection = request.start();
    }

    @AfterAll
    void destroy() {
      cluster.destroy();
    }

    @Override
    Connection connection() {
      return connection;
    }
  }

  @Nested
  @TestInstance(Lifecycle.PER_CLASS)
  @DisplayName("Of containers with Debian 13")
  class Debian13 extends Cluster {

    Debian13() {
      super("docker", "24.11");
    }

    @Override
    int portInside() {
      return 22;
    }
  }

  @Nested
  @TestInstance(Lifecycle.PER_CLASS)
  @DisplayName("Of containers with Debian 12")
  class Debian12 extends Cluster {

    Debian12() {
      super("docker", "22.05");
    }

    @Override
    int portInside() {
      return 22;
    }
  }

  @Nested
  @TestInstance(Lifecycle.PER_CLASS)
  @EnabledIf(
      value = "io.github.slurmmaven.mock.SshRealIT#bundleIsMade",
      disabledReason = "no bundle")
  @DisplayName("Without containers")
  class Embedded extends Cluster {

    Embedded() {
      super("embedded", "24.11");
    }

    @Override
    int portInside() {
      return connection().sshPort();
    }

    @Test
    @DisplayName("-L leads nowhere else")
    void leadsNowhereElse() {
      assertLeadsNowhereElse();
    }
  }

  static boolean bundleIsMade() {
    return BundleSource.classPath().has("24.11");
  }
}
