/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

/**
 * The name of a bundle.
 *
 * @param content what its programs are for
 * @param release release line of Slurm, for example {@code 24.11}
 * @param platform for example {@code linux-x86_64}
 */
public record BundleName(Content content, String release, String platform) {

  /** What a bundle's programs are for. */
  public enum Content {
    /** Slurm and Munge. */
    SLURM("slurm", "Slurm %s", "slurmctld"),
    /** slurmdbd and MariaDB, with an initialized database. */
    ACCOUNTING("accounting", "slurmdbd %s and MariaDB", "mariadbd");

    private final String id;
    private final String words;
    private final String program;

    Content(String id, String words, String program) {
      this.id = id;
      this.words = words;
      this.program = program;
    }

    /** Returns the first word of its files' names. */
    String id() {
      return id;
    }

    /** Returns a program that the bundle contains. */
    String program() {
      return program;
    }
  }

  /** The classifier of its artifact, for example {@code slurm-linux-x86_64}. */
  public String classifier() {
    return content.id() + "-" + platform;
  }

  /** Returns what the bundle contains, for messages, for example {@code Slurm 24.11}. */
  String words() {
    return content.words.formatted(release);
  }

  /** The name of the archive, without the directory that it is in. */
  String archive() {
    return file() + ".tar.xz";
  }

  /** The name of the description, without the directory that it is in. */
  String description() {
    return file() + ".properties";
  }

  private String file() {
    return content.id() + "-" + release + "-" + platform;
  }
}
