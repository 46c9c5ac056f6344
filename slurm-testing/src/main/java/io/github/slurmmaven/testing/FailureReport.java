/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.ssh.SshConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the diagnosis of a failed test as files. */
final class FailureReport {

  private static final Pattern JOB = Pattern.compile("(?m)^JobId=(\\d+) ");
  private static final Pattern OUTPUT = Pattern.compile("(?m)^ +Std(?:Out|Err)=(/\\S+)$");

  private static final Pattern RECORD = Pattern.compile("(\\d{1,18})\\D");

  private final SshConnection ssh;
  private final Path directory;

  private FailureReport(SshConnection ssh, Path directory) {
    this.ssh = ssh;
    this.directory = directory;
  }

  /**
   * Writes {@code queue.txt}, {@code nodes.txt}, {@code jobs.txt}, and of each job since the test
   * began {@code job-<id>.sh} and {@code job-<id>.out}; with accounting, {@code sacct.txt} has the
   * records of those jobs.
   *
   * @param first number of the first job that is the test's
   */
  static void write(Connection connection, long first, Path directory) throws IOException {
    clear(directory);
    Files.createDirectories(directory);
    try (SshConnection ssh = SshConnection.open(connection)) {
      new FailureReport(ssh, directory).write(first);
    }
  }

  /** Removes the files of an earlier run of the same test. */
  private static void clear(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> below = Files.walk(directory)) {
        for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private void write(long first) throws IOException {
    save("queue.txt", output("squeue --states=all"));
    save("nodes.txt", output("sinfo --Node --long; scontrol show node"));
    String jobs = output("scontrol show job");
    save("jobs.txt", jobs);
    saveRecords(first);
    for (String job : jobs.split("\n\n", -1)) {
      Matcher id = JOB.matcher(job);
      if (id.find() && Long.parseLong(id.group(1)) >= first) {
        save(
            "job-" + id.group(1) + ".sh",
            output("scontrol write batch_script %s - 2>&1".formatted(id.group(1))));
        StringBuilder text = new StringBuilder();
        for (String file :
            OUTPUT.matcher(job).results().map(each -> each.group(1)).distinct().toList()) {
          text.append("==> ")
              .append(file)
              .append(" <==\n")
              .append(output("cat '" + file + "' 2>&1"));
        }
        save("job-" + id.group(1) + ".out", text.toString());
      }
    }
  }

  /**
   * Saves records of accounting, which also has jobs that slurmctld has removed after some minutes.
   */
  private void saveRecords(long first) throws IOException {
    String records =
        output(
            "sacct --allusers --starttime=now-1day --parsable2 --format=JobID,JobName,User,Account,"
                + "QOS,Partition,State,ExitCode,Submit,Start,End,Elapsed,MaxRSS,TotalCPU,NodeList");
    List<String> lines = records.lines().toList();
    if (!lines.isEmpty()) {
      save(
          "sacct.txt",
          Stream.concat(
                  lines.stream().limit(1),
                  lines.stream()
                      .skip(1)
                      .filter(
                          line -> {
                            Matcher id = RECORD.matcher(line);
                            return id.lookingAt() && Long.parseLong(id.group(1)) >= first;
                          }))
              .map(line -> line + "\n")
              .collect(Collectors.joining()));
    }
  }

  private void save(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  private String output(String command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ssh.run(command, out, OutputStream.nullOutputStream());
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Returns the id that the next job gets. */
  static long nextJob(Connection connection) {
    try (SshConnection ssh = SshConnection.open(connection)) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ssh.run("scontrol show config", out, OutputStream.nullOutputStream());
      Matcher next =
          Pattern.compile("NEXT_JOB_ID += (\\d+)").matcher(out.toString(StandardCharsets.UTF_8));
      return next.find() ? Long.parseLong(next.group(1)) : 0;
    }
  }
}
