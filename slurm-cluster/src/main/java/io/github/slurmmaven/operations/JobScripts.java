/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Finds job scripts on this machine. */
public final class JobScripts {

  /** Bytes that are read: sbatch's options come before the first command. */
  private static final int BEGINNING = 1 << 16;

  private static final Pattern SCRIPT = Pattern.compile("\\A#!|^#SBATCH\\s", Pattern.MULTILINE);

  private JobScripts() {}

  /**
   * Returns a file itself, or the scripts below a directory: the files that begin with {@code #!}
   * or have a line {@code #SBATCH}, without hidden ones.
   *
   * @throws InvalidParameterException when there is no script
   */
  public static List<Path> of(Path given) {
    if (Files.isRegularFile(given)) {
      return List.of(given);
    }
    if (!Files.isDirectory(given)) {
      throw new InvalidParameterException(
          "script", given, "does not exist: name a job script, or a directory of job scripts");
    }
    try (Stream<Path> tree = Files.walk(given)) {
      List<Path> scripts =
          tree.filter(Files::isRegularFile)
              .filter(file -> !isHidden(given.relativize(file)))
              .filter(JobScripts::isScript)
              .sorted()
              .toList();
      if (scripts.isEmpty()) {
        throw new InvalidParameterException(
            "script",
            given,
            "has no job script: none of its files begins with #! or has a line #SBATCH. Name another directory");
      }
      return scripts;
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(given, e);
    }
  }

  private static boolean isHidden(Path path) {
    return StreamSupport.stream(path.spliterator(), false)
        .anyMatch(name -> name.toString().startsWith("."));
  }

  private static boolean isScript(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return SCRIPT
          .matcher(new String(in.readNBytes(BEGINNING), StandardCharsets.ISO_8859_1))
          .find();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UserMistakeException unreadable(Path path, Exception e) {
    return new UserMistakeException(
        "script: %s cannot be read: %s. Make it readable, or name another"
            .formatted(path, FileFailure.of(e)),
        e);
  }
}
