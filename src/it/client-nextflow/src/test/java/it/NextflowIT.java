package it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NextflowIT {

  private static final Path TARGET = Path.of(System.getProperty("project.build.directory"));

  private static final Path SSH_CONFIG =
      Path.of(System.getProperty("slurm.ssh.privateKey")).resolveSibling("config");

  private static final Path COMMANDS = TARGET.resolve("bin");

  /** Nextflow takes commands from the PATH: these are the cluster's, over SSH. */
  @BeforeEach
  void commandsOfTheCluster() throws Exception {
    Files.createDirectories(COMMANDS);
    for (String command :
        List.of("sbatch", "squeue", "scancel", "scontrol", "qsub", "qstat", "qdel")) {
      Path script = COMMANDS.resolve(command);
      Files.writeString(
          script,
          """
          #!/bin/bash
          exec ssh -F '%s' slurm "cd '$PWD' 2>/dev/null; %s $(printf '%%q ' "$@")"
          """
              .formatted(SSH_CONFIG, command));
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void pipelineRunsAsJobsOfTheCluster() throws Exception {
    Path log = TARGET.resolve("nextflow.out");
    Process nextflow =
        nextflow(
                "run",
                "main.nf",
                "-profile",
                System.getProperty("nextflow.executor", "slurm"),
                "-ansi-log",
                "false",
                "--results",
                TARGET.toString(),
                "-work-dir",
                TARGET.resolve("work").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    try {
      assertThat(nextflow.waitFor(3, TimeUnit.MINUTES)).as(Files.readString(log)).isTrue();
    } finally {
      nextflow.destroyForcibly();
    }

    assertThat(nextflow.exitValue()).as(Files.readString(log)).isZero();
    assertThat(TARGET.resolve("sum.txt")).hasContent("151"); // 4 + 9 + 16, 20 + 40 + 60, 2
    try (Login login = Login.to(System.getProperties())) {
      assertThat(
              login
                  .run("squeue --noheader --array --states=all --format='%T %j'")
                  .lines()
                  .filter(line -> line.contains(" nf-"))
                  .collect(
                      Collectors.groupingBy(
                          line -> line.replaceAll("_.*", ""), Collectors.counting())))
          .containsEntry("COMPLETED nf-square", 3L)
          .containsEntry("COMPLETED nf-double", 3L)
          .containsEntry("FAILED nf-second", 1L)
          .containsEntry("COMPLETED nf-second", 1L)
          .containsEntry("COMPLETED nf-total", 1L);
    }
  }

  /** Nextflow as its launcher starts it, without looking for plugins or updates. */
  private static ProcessBuilder nextflow(String... arguments) {
    List<String> command = new ArrayList<>();
    // Jobs write as the cluster's user into the directories that are made here.
    command.addAll(List.of("/bin/sh", "-c", "umask 0; exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Stream.of("java.lang", "java.io", "java.nio", "java.util", "sun.nio.ch", "sun.nio.fs")
        .map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED")
        .forEach(command::add);
    command.add("-Duser.name=" + System.getProperty("slurm.ssh.user"));
    command.addAll(List.of("-cp", classpath(), "nextflow.cli.Launcher"));
    command.addAll(List.of(arguments));
    ProcessBuilder process =
        new ProcessBuilder(command)
            .directory(new File("../client-nextflow/src/test/nextflow").getAbsoluteFile());
    process.environment().put("NXF_HOME", TARGET.resolve("nextflow").toString());
    process.environment().put("NXF_OFFLINE", "true");
    process.environment().merge("PATH", "", (path, none) -> COMMANDS + File.pathSeparator + path);
    return process;
  }

  /** This test's, but for the logging that Nextflow brings itself. */
  private static String classpath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("slf4j-nop"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
