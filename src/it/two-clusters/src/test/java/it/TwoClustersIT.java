package it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class TwoClustersIT {

  private final Properties first = connection("it-first");
  private final Properties second = connection("it-second");

  @Test
  void haveTheirOwnPorts() {
    assertThat(first.getProperty("slurm.ssh.port"))
        .isNotEqualTo(second.getProperty("slurm.ssh.port"));
  }

  @Test
  void haveTheirOwnProperties() {
    assertThat(System.getProperty("port.first")).isEqualTo(first.getProperty("slurm.ssh.port"));
    assertThat(System.getProperty("port.second")).isEqualTo(second.getProperty("slurm.ssh.port"));
    assertThat(System.getProperty("port.last")).isEqualTo(second.getProperty("slurm.ssh.port"));
  }

  @Test
  void haveTheirOwnKeys() throws Exception {
    assertThat(Path.of(first.getProperty("slurm.ssh.privateKey")))
        .content()
        .isNotEqualTo(Files.readString(Path.of(second.getProperty("slurm.ssh.privateKey"))));
  }

  @Test
  void areDifferentClusters() throws Exception {
    try (Login one = Login.to(first);
        Login two = Login.to(second)) {
      String held = one.run("sbatch --parsable --hold --wrap=hostname");
      assertThat(one.states(held)).containsExactly("PENDING");
      assertThat(two.run("squeue --noheader")).isEmpty();

      assertThat(one.run("sinfo --noheader --format='%n %c %m'")).isEqualTo("slurm 4 4096");
      assertThat(two.run("sinfo --noheader --format='%n %c %m'")).isEqualTo("slurm 2 1024");
      assertThat(one.run("srun printenv SLURMD_NODENAME")).isEqualTo("slurm");
      assertThat(two.run("srun printenv SLURMD_NODENAME")).isEqualTo("slurm");
    }
  }

  private static Properties connection(String cluster) {
    Properties connection = new Properties();
    Path file = Path.of(System.getProperty("clusters"), cluster, "connection.properties");
    try (InputStream in = Files.newInputStream(file)) {
      connection.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return connection;
  }
}
