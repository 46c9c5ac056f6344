/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The output files of jobs, whose names may have patterns such as {@code %j}; see "filename
 * pattern" in sbatch(1).
 */
public final class OutputFiles {

  private static final Pattern REPLACED = Pattern.compile("%(\\d*)([%AajJNntsux])");

  /** Patterns that scontrol of 24.11 replaces. */
  private static final Pattern SHOWN = Pattern.compile("%(\\d*)([%AajJux])");

  /** Patterns that scontrol of 22.05 replaces. */
  private static final Pattern SHOWN_BEFORE = Pattern.compile("%()([AajJux])");

  private static final String NO_TASK = "4294967294";

  private final RemoteFiles files;
  private final String node;
  private final Release release;

  OutputFiles(RemoteFiles files, String node, Release release) {
    this.files = files;
    this.node = node;
    this.release = release;
  }

  /** The file of standard output, as the client sees it. */
  public String stdout(JobRecord job) {
    return path(job, REPLACED, pattern(job, "output"));
  }

  /** The file of standard error, as the client sees it. */
  public String stderr(JobRecord job) {
    return job.request().has("error") ? path(job, REPLACED, pattern(job, "error")) : stdout(job);
  }

  /**
   * A file as scontrol shows it, which replaces less.
   *
   * @param option output or error
   * @param group whether several tasks of an array are shown at once, which have no index
   */
  public String shown(JobRecord job, String option, boolean group) {
    boolean ofOutput = option.equals("error") && !job.request().has("error");
    String pattern = pattern(job, ofOutput ? "output" : option);
    return path(
        job,
        release.isNew() ? SHOWN : SHOWN_BEFORE,
        group ? pattern.replace("%a", NO_TASK) : pattern);
  }

  /**
   * Appends to a job's files, which are created if they are missing.
   *
   * @return false when their directory does not exist
   */
  boolean write(JobRecord job, String out, String err) {
    return append(stdout(job), out) && append(stderr(job), err);
  }

  private boolean append(String path, String text) {
    if (path.equals("/dev/null")) {
      return true;
    }
    Path file = files.real("/", path);
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("output file of a job: " + path, e);
    }
  }

  private static String pattern(JobRecord job, String option) {
    return job.request()
        .option(option, job.task().isPresent() ? "slurm-%A_%a.out" : "slurm-%j.out");
  }

  private String path(JobRecord job, Pattern replaced, String pattern) {
    String name =
        replaced
            .matcher(pattern)
            .replaceAll(
                match -> Matcher.quoteReplacement(value(match.group(1), match.group(2), job)));
    return RemoteFiles.absolute(job.directory(), name);
  }

  private String value(String width, String letter, JobRecord job) {
    String value =
        switch (letter) {
          case "%" -> "%";
          case "A" -> Long.toString(job.arrayNumber());
          case "a" -> job.task().isPresent() ? Integer.toString(job.task().getAsInt()) : NO_TASK;
          case "j", "J" -> Long.toString(job.number());
          case "N" -> node;
          case "u" -> job.user();
          case "x" -> job.name();
          case "s" -> "batch";
          default -> "0";
        };
    return width.isEmpty() || !value.matches("\\d+")
        ? value
        : ("%0" + Math.min(10, Integer.parseInt(width)) + "d").formatted(Long.valueOf(value));
  }
}
