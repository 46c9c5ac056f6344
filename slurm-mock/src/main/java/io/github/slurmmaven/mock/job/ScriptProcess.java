/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job's script, run as a process of this machine. */
final class ScriptProcess {

  private final Process process;

  ScriptProcess(JobRecord job, Topology topology, RemoteFiles files, OutputFiles output) {
    try {
      process = start(job, topology, files, output);
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The script of job %s cannot be run on this machine: %s"
              .formatted(job.id(), e.getMessage()),
          e);
    }
  }

  private static Process start(
      JobRecord job, Topology topology, RemoteFiles files, OutputFiles output) throws IOException {
    Path directory = files.real("/", job.directory());
    Path script = Files.createTempFile(files.real("/", "/tmp"), "slurm_script", "");
    Files.writeString(script, job.request().script());
    String first =
        job.request().script().lines().findFirst().orElse("#!/bin/sh").substring(2).strip();
    List<String> command = new ArrayList<>(List.of(first.split("\\s+", 2)));
    command.add(script.toString());
    command.addAll(job.request().arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(
        (Files.isDirectory(directory) ? directory : files.real("/", "/tmp")).toFile());
    File out = files.real("/", output.stdout(job)).toFile();
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(out));
    if (output.stderr(job).equals(output.stdout(job))) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(
          ProcessBuilder.Redirect.appendTo(files.real("/", output.stderr(job)).toFile()));
    }
    Map<String, String> environment = builder.environment();
    environment.putAll(JobEnvironment.of(job, topology));
    environment.put("HOME", files.real("/", "/home/" + job.user()).toString());
    environment.put("TMPDIR", files.real("/", "/tmp").toString());
    environment.put(
        "SLURM_SUBMIT_DIR", files.real("/", job.request().submitDirectory()).toString());
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** The exit status; empty while it runs. */
  Optional<Integer> status() {
    return process.isAlive() ? Optional.empty() : Optional.of(process.exitValue());
  }

  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
