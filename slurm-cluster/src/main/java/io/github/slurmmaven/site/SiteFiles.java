/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The content of a site's files: slurm.conf with the files that it includes, or the output of
 * scontrol.
 *
 * @param directory the site's other files
 * @param lines the settings of each line of slurm.conf
 * @param sections headings of other files in the output of scontrol
 */
record SiteFiles(Path directory, List<List<Setting>> lines, List<Setting> sections) {

  private static final String SLURM_CONF = "slurm.conf";

  /** Larger files, such as a dump of a database, are not checked for output of scontrol. */
  private static final long MOST_BYTES = 16 << 20;

  /**
   * Reads a site's files. If there are both, slurm.conf is used, because it has more.
   *
   * @param site the site's slurm.conf, a file with the outputs of scontrol, or the directory of
   *     either
   * @throws UserMistakeException when a file cannot be read; names the place
   */
  static SiteFiles read(Path site) {
    Path file = Files.isDirectory(site) ? site.resolve(SLURM_CONF) : site;
    boolean isFile = Files.isRegularFile(file);
    List<Path> outputs =
        isFile && !isOutput(file) ? List.of() : isFile ? List.of(file) : outputsIn(site);
    Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
    if (!outputs.isEmpty()) {
      ScontrolReader.Result result = ScontrolReader.read(directory, outputs);
      return new SiteFiles(directory, result.lines(), result.sections());
    }
    if (!isFile) {
      throw new InvalidParameterException(
          "site",
          site,
          "has neither slurm.conf nor the output of scontrol: copy the site's slurm.conf, as in scp login:/etc/slurm/slurm.conf ., or keep there what 'scontrol show config', 'scontrol show partition' and 'scontrol show node' print");
    }
    return new SiteFiles(directory, SlurmConfReader.read(file), List.of());
  }

  private static List<Path> outputsIn(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isRegularFile).filter(SiteFiles::isOutput).sorted().toList();
    } catch (IOException e) {
      throw new UserMistakeException(
          "site: %s cannot be read: %s. Name a directory that you may read"
              .formatted(directory, FileFailure.of(e)),
          e);
    }
  }

  private static boolean isOutput(Path file) {
    try {
      return Files.size(file) <= MOST_BYTES && ScontrolReader.isOutput(SlurmConfReader.text(file));
    } catch (IOException e) {
      throw new UserMistakeException(
          "site: %s cannot be read: %s. Name a file that you may read"
              .formatted(file, FileFailure.of(e)),
          e);
    }
  }
}
