/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.report.ReportData.Text;
import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.slurm.CommandRunner;
import io.github.slurmmaven.slurm.Excerpt;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.slurm.TrackedJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the scripts and output of jobs, the newest first, up to the size limit of a report. */
final class JobTexts {

  /** Limit of a script or an output in a report, in bytes. */
  static final int LONGEST = 64 * 1024;

  /** Limit of all scripts and outputs in a report, in characters. */
  static final int ALL = 8 * 1024 * 1024;

  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** Keeps the arguments of a command below the system's limit. */
  private static final int FILES_AT_ONCE = 500;

  private static final String UNREADABLE = "-";

  private final UnaryOperator<String> reader;
  private final Map<JobId, Text> scripts = new HashMap<>();
  private final Map<Place, Text> outputs = new HashMap<>();

  /** A file that a user's job writes on a node. */
  private record Place(String node, String user, String file) {}

  /** The place whose files one command reads. */
  private record Reader(String node, String user) {}

  /**
   * Reads the texts.
   *
   * @param jobs jobs in slurmctld
   * @param reader node that reads the files of a node; another one where both share a machine
   * @param nodes runs commands on a node
   */
  JobTexts(
      List<TrackedJob> jobs,
      Slurm slurm,
      UnaryOperator<String> reader,
      Function<String, CommandRunner> nodes) {
    this.reader = reader;
    List<Job> newest =
        jobs.stream()
            .map(TrackedJob::job)
            .filter(job -> job.stdout().isPresent())
            .sorted(Comparator.comparing(Job::id).reversed())
            .toList();
    if (newest.isEmpty()) {
      return;
    }
    Map<JobId, Excerpt> read = slurm.batchScripts(newest.stream().map(Job::id).toList(), LONGEST);
    int left = ALL / 2;
    for (Job job : newest) {
      Excerpt script = read.get(job.id());
      if (script != null) {
        scripts.put(job.id(), text(job.command().orElse(null), script, "first", left));
        left -= Math.min(left, script.text().length());
      }
    }
    readOutputs(newest, nodes);
  }

  private void readOutputs(List<Job> newest, Function<String, CommandRunner> nodes) {
    Map<Reader, Set<String>> files = new LinkedHashMap<>();
    for (Job job : newest) {
      for (Place place : places(job)) {
        files
            .computeIfAbsent(
                new Reader(place.node(), place.user()), reader -> new LinkedHashSet<>())
            .add(place.file());
      }
    }
    int[] left = {ALL / 2};
    files.forEach(
        (reader, paths) -> {
          List<String> list = new ArrayList<>(paths);
          for (int begin = 0; begin < list.size(); begin += FILES_AT_ONCE) {
            List<String> some = list.subList(begin, Math.min(list.size(), begin + FILES_AT_ONCE));
            read(reader, some, nodes.apply(reader.node()), left);
          }
        });
  }

  private void read(Reader reader, List<String> files, CommandRunner node, int[] left) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                Resources.text(JobTexts.class, "files.sh"),
                "files",
                Integer.toString(LONGEST)));
    command.addAll(files);
    List<String> lines;
    try {
      CommandResult result = node.run(reader.user(), command, line -> {}, TIMEOUT);
      lines = result.stdout().lines().toList();
      if (!result.ok() || lines.size() < files.size()) {
        throw new SlurmClusterException(
            "the program that reads them ended with exit code %d: %s"
                .formatted(result.exitCode(), result.stderr().strip()));
      }
    } catch (SlurmClusterException | UserMistakeException e) {
      String note =
          "The files of user %s on node %s could not be read: %s"
              .formatted(reader.user(), reader.node(), e.getMessage());
      files.forEach(
          file ->
              outputs.put(
                  new Place(reader.node(), reader.user(), file), new Text(file, null, note)));
      return;
    }
    Iterator<Excerpt> excerpts = excerpts(lines, files.size()).iterator();
    for (int i = 0; i < files.size(); i++) {
      String file = files.get(i);
      Text text;
      if (lines.get(i).equals(UNREADABLE)) {
        text =
            new Text(
                file,
                null,
                "Node %s has no such file that user %s can read"
                    .formatted(reader.node(), reader.user()));
      } else {
        Excerpt excerpt = excerpts.next();
        text = text(file, excerpt, "last", left[0]);
        left[0] -= Math.min(left[0], excerpt.text().length());
      }
      outputs.put(new Place(reader.node(), reader.user(), file), text);
    }
  }

  /** Returns the parts of the readable files: one after the other, or one on each line. */
  private static List<Excerpt> excerpts(List<String> lines, int count) {
    List<String[]> readable =
        lines.stream()
            .limit(count)
            .filter(line -> !line.equals(UNREADABLE))
            .map(line -> line.split(" ", 2))
            .toList();
    if (readable.stream().anyMatch(words -> words.length > 1)) {
      return readable.stream()
          .map(words -> Excerpt.of(Long.parseLong(words[0]), words[1]))
          .toList();
    }
    return Excerpt.split(
        readable.stream().map(words -> Long.valueOf(words[0])).toList(),
        LONGEST,
        lines.size() > count ? lines.get(count) : "");
  }

  private static Text text(@Nullable String file, Excerpt excerpt, String part, int left) {
    if (excerpt.text().length() > left) {
      return new Text(
          file,
          null,
          "Left out (%,d bytes): a report holds at most %d MB of scripts and output, those of the newest jobs"
              .formatted(excerpt.size(), ALL >> 20));
    }
    return new Text(
        file,
        excerpt.text(),
        excerpt.whole()
            ? null
            : "The %s %d KB of %,d bytes".formatted(part, LONGEST >> 10, excerpt.size()));
  }

  /** Returns the files of a job that has started, on the node of its script. */
  private List<Place> places(Job job) {
    List<Place> places = new ArrayList<>();
    job.nodes()
        .map(hosts -> reader.apply(HostList.expand(hosts).get(0)))
        .ifPresent(
            node -> {
              job.stdout().ifPresent(file -> places.add(new Place(node, job.user(), file)));
              job.stderr()
                  .filter(file -> !job.stdout().equals(Optional.of(file)))
                  .ifPresent(file -> places.add(new Place(node, job.user(), file)));
            });
    places.removeIf(place -> place.file().equals("/dev/null"));
    return places;
  }

  @Nullable Text script(Job job) {
    return scripts.get(job.id());
  }

  @Nullable Text out(Job job) {
    return output(job, job.stdout());
  }

  /** Only if standard error has a file of its own. */
  @Nullable Text err(Job job) {
    return job.stderr().equals(job.stdout()) ? null : output(job, job.stderr());
  }

  private @Nullable Text output(Job job, Optional<String> file) {
    return places(job).stream()
        .filter(place -> file.equals(Optional.of(place.file())))
        .findFirst()
        .map(outputs::get)
        .orElse(null);
  }
}
