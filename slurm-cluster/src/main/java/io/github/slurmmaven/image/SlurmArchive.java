/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.definition.SlurmVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.CompressorStreamFactory;

/** Slurm's source archive, as upstream releases it. */
final class SlurmArchive {

  /** The file with the version, in the archive's only directory. */
  private static final Pattern META = Pattern.compile("(?:\\./)?[^/]+/META");

  private static final Pattern VERSION =
      Pattern.compile("^\\s*Version:\\s*(\\S+)\\s*$", Pattern.MULTILINE);

  private SlurmArchive() {}

  /**
   * Returns the version of the Slurm in an archive.
   *
   * @return empty when it is not a compressed tar archive of Slurm's sources
   */
  static Optional<SlurmVersion> version(byte[] archive) {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new CompressorStreamFactory(true)
                .createCompressorInputStream(new ByteArrayInputStream(archive)),
            "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (META.matcher(entry.getName()).matches()) {
          return version(new String(tar.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<SlurmVersion> version(String meta) {
    Matcher version = VERSION.matcher(meta);
    try {
      return version.find() ? Optional.of(SlurmVersion.of(version.group(1))) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
