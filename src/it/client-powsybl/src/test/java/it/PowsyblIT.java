package it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.powsybl.commons.config.InMemoryPlatformConfig;
import com.powsybl.commons.config.MapModuleConfig;
import com.powsybl.computation.AbstractExecutionHandler;
import com.powsybl.computation.Command;
import com.powsybl.computation.CommandExecution;
import com.powsybl.computation.ComputationParameters;
import com.powsybl.computation.ComputationParametersBuilder;
import com.powsybl.computation.ExecutionEnvironment;
import com.powsybl.computation.ExecutionError;
import com.powsybl.computation.ExecutionReport;
import com.powsybl.computation.SimpleCommandBuilder;
import com.powsybl.computation.slurm.SlurmComputationConfig;
import com.powsybl.computation.slurm.SlurmComputationManager;
import com.powsybl.computation.slurm.SlurmComputationParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowsyblIT {

  /** Whether the nodes' /bin/sh is bash, which the client's arrays and its notice of failures take. */
  private static boolean shellIsBash;

  private static SlurmComputationManager manager;

  @BeforeAll
  static void connect(@TempDir Path local) throws Exception {
    InMemoryPlatformConfig platform = new InMemoryPlatformConfig(local.getFileSystem());
    MapModuleConfig slurm = platform.createModuleConfig("slurm-computation-manager");
    slurm.setStringProperty("remote", "true");
    slurm.setStringProperty("hostname", System.getProperty("slurm.ssh.host"));
    slurm.setStringProperty("port", System.getProperty("slurm.ssh.port"));
    slurm.setStringProperty("username", System.getProperty("slurm.ssh.user"));
    slurm.setStringProperty("password", System.getProperty("slurm.ssh.password"));
    try (Login login = Login.to(System.getProperties())) {
      slurm.setStringProperty("remote-dir", login.run("mktemp --directory"));
      shellIsBash = login.run("/bin/sh -c 'echo $BASH_VERSION'").length() > 0;
    }
    slurm.setStringProperty("local-dir", local.toString());
    slurm.setStringProperty("polling-time", "1");
    slurm.setStringProperty("job-array", String.valueOf(shellIsBash));
    manager = new SlurmComputationManager(SlurmComputationConfig.load(platform));
  }

  @AfterAll
  static void close() {
    manager.close();
  }

  private static <R> R run(AbstractExecutionHandler<R> computation) throws Exception {
    return run(computation, ComputationParameters.empty());
  }

  private static <R> R run(
      AbstractExecutionHandler<R> computation, ComputationParameters parameters)
      throws Exception {
    return manager
        .execute(
            new ExecutionEnvironment(Map.of("FACTOR", "7"), "it_", false), computation, parameters)
        .get(2, TimeUnit.MINUTES);
  }

  /** Parameters of a computation in a quality of service. */
  private static ComputationParameters qos(String name) {
    ComputationParameters parameters = new ComputationParametersBuilder().build();
    parameters.addExtension(
        SlurmComputationParameters.class, new SlurmComputationParameters(parameters, name));
    return parameters;
  }

  /** A step of a computation: a script in its directory. */
  private static CommandExecution script(Path directory, String name, int times, String script)
      throws IOException {
    Files.writeString(directory.resolve(name + ".sh"), script);
    Command command = new SimpleCommandBuilder().id(name).program("sh").arg(name + ".sh").build();
    return new CommandExecution(command, times);
  }

  /**
   * A file of the cluster, not read through the client: jsch-nio 1.0.14 asks a channel for what
   * it reads when the channel is already open, loses what came before that, and waits for it
   * without end.
   */
  private static String read(Path file) throws IOException {
    try (Login login = Login.to(System.getProperties())) {
      return login.read(file.toAbsolutePath().toString());
    }
  }

  @Test
  void commandsOfAComputationRunOneAfterTheOtherAndItsResultComesBack() throws Exception {
    String sum =
        run(
            new AbstractExecutionHandler<>() {
              @Override
              public List<CommandExecution> before(Path directory) throws IOException {
                Files.writeString(directory.resolve("number.txt"), "6\n");
                return List.of(
                    script(
                        directory,
                        "multiply",
                        3,
                        "expr $(cat number.txt) \\* $FACTOR > product-$SLURM_JOB_ID.txt"),
                    script(
                        directory, "add", 1, "cat product-*.txt | paste -s -d + > sum.txt"));
              }

              @Override
              public String after(Path directory, ExecutionReport report) throws IOException {
                assertThat(report.getErrors()).isEmpty();
                return read(directory.resolve("sum.txt"));
              }
            });

    assertThat(sum).isEqualTo("42+42+42");
  }

  @Test
  void commandThatFailsIsReported() throws Exception {
    assumeTrue(shellIsBash);
    List<ExecutionError> errors =
        run(
            new AbstractExecutionHandler<>() {
              @Override
              public List<CommandExecution> before(Path directory) throws IOException {
                return List.of(script(directory, "fail", 1, "exit 7"));
              }

              @Override
              public List<ExecutionError> after(Path directory, ExecutionReport report) {
                return report.getErrors();
              }
            });

    assertThat(errors).extracting(error -> error.getCommand().getId()).containsExactly("fail");
  }

  @Test
  void computationRunsInAQualityOfService() throws Exception {
    try (Login login = Login.to(System.getProperties())) {
      String job =
          run(
              new AbstractExecutionHandler<>() {
                @Override
                public List<CommandExecution> before(Path directory) throws IOException {
                  return List.of(
                      script(directory, "number", 1, "echo $SLURM_JOB_ID > number.txt"));
                }

                @Override
                public String after(Path directory, ExecutionReport report) throws IOException {
                  assertThat(report.getErrors()).isEmpty();
                  return read(directory.resolve("number.txt"));
                }
              },
              qos("night"));

      assertThat(
              login.run(
                  "for try in $(seq 600); do sacct -X -n -P -o State,QOS -j %s | grep COMPLETED && exit; sleep 0.1; done; exit 1"
                      .formatted(job)))
          .isEqualTo("COMPLETED|night");
    }
  }
}
