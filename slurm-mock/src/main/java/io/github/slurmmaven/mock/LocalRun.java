/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.SlurmClusterException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job's script, run as a process of this machine. */
final class LocalRun {

  private final Process process;

  LocalRun(MockJob job, Jobs jobs) {
    try {
      process = start(job, jobs);
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The script of job %s cannot be run on this machine: %s"
              .formatted(job.id(), e.getMessage()),
          e);
    }
  }

  private static Process start(MockJob job, Jobs jobs) throws IOException {
    Path directory = jobs.files().real("/", job.directory());
    Path script = Files.createTempFile(jobs.files().real("/", "/tmp"), "slurm_script", "");
    Files.writeString(script, job.script());
    String first = job.script().lines().findFirst().orElse("#!/bin/sh").substring(2).strip();
    List<String> command = new ArrayList<>(List.of(first.split("\\s+", 2)));
    command.add(script.toString());
    command.addAll(job.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(
        (Files.isDirectory(directory) ? directory : jobs.files().real("/", "/tmp")).toFile());
    File out = jobs.files().real("/", job.stdout()).toFile();
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(out));
    if (job.stderr().equals(job.stdout())) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(
          ProcessBuilder.Redirect.appendTo(jobs.files().real("/", job.stderr()).toFile()));
    }
    Map<String, String> environment = builder.environment();
    environment.putAll(JobEnvironment.of(job, jobs));
    environment.put("HOME", jobs.files().real("/", "/home/" + job.user()).toString());
    environment.put("TMPDIR", jobs.files().real("/", "/tmp").toString());
    environment.put(
        "SLURM_SUBMIT_DIR", jobs.files().real("/", job.request().submitDirectory()).toString());
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
