/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The Slurm that a cluster runs: a release line such as {@code 24.11}, or one release of a line
 * such as {@code 24.11.5}.
 *
 * @param year first number of the release line, for example 24
 * @param month second number of the release line, for example 11
 * @param patch third number, for example 5; empty for the line
 */
public record SlurmVersion(int year, int month, OptionalInt patch)
    implements Comparable<SlurmVersion> {

  public static final SlurmVersion V22_05 = new SlurmVersion(22, 5, OptionalInt.empty());
  public static final SlurmVersion V24_11 = new SlurmVersion(24, 11, OptionalInt.empty());
  public static final SlurmVersion V26_05 = new SlurmVersion(26, 5, OptionalInt.empty());

  /** The default release of a cluster. */
  public static final SlurmVersion DEFAULT = V24_11;

  private static final Pattern FORM =
      Pattern.compile("([0-9]{2})\\.([0-9]{2})(?:\\.([0-9]{1,3}))?");

  private static final String OR_A_RELEASE = ", or a release to compile, such as 25.11.4";

  private static final Comparator<SlurmVersion> ORDER =
      Comparator.comparingInt(SlurmVersion::year)
          .thenComparingInt(SlurmVersion::month)
          .thenComparingInt(version -> version.patch.orElse(0));

  /** The release lines that a Debian release packages, the oldest first. */
  public static List<SlurmVersion> packaged() {
    return List.of(V22_05, V24_11, V26_05);
  }

  /**
   * Reads a version.
   *
   * @throws IllegalArgumentException when the text is not a version
   */
  public static SlurmVersion of(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a version of Slurm: " + text);
    }
    return new SlurmVersion(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        matcher.group(3) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(matcher.group(3))));
  }

  /**
   * Reads a user's version.
   *
   * @param parameter the user's name for it
   * @throws InvalidParameterException when no such Slurm can be run
   */
  public static SlurmVersion of(String parameter, String text) {
    if (!FORM.matcher(text).matches()) {
      throw new InvalidParameterException(
          parameter, text, "is not a Slurm version: use " + packagedInWords() + OR_A_RELEASE);
    }
    SlurmVersion version = of(text);
    if (version.compareTo(V22_05) < 0) {
      throw new InvalidParameterException(
          parameter,
          text,
          "is older than the oldest Slurm that can be run: use "
              + packagedInWords()
              + OR_A_RELEASE);
    }
    return version;
  }

  /** The packaged release lines for a message, for example {@code 22.05 or 24.11}. */
  public static String packagedInWords() {
    return packaged().stream().map(SlurmVersion::release).collect(Collectors.joining(" or "));
  }

  /** The version as Slurm writes it, for example {@code 24.11} or {@code 24.11.5}. */
  public String release() {
    String line = "%02d.%02d".formatted(year, month);
    return patch.isPresent() ? line + "." + patch.getAsInt() : line;
  }

  /**
   * Returns the base image of the cluster's image; empty when no Debian release packages this
   * version.
   */
  public Optional<String> baseImage() {
    if (equals(V22_05)) {
      return Optional.of("debian:12-slim");
    }
    if (equals(V24_11)) {
      return Optional.of("debian:trixie-slim");
    }
    return equals(V26_05) ? Optional.of("debian:forky-slim") : Optional.empty();
  }

  /** Whether this is the other version, or a release of that line. */
  public boolean isOf(SlurmVersion other) {
    return year == other.year
        && month == other.month
        && (other.patch.isEmpty() || patch.equals(other.patch));
  }

  /** Orders versions by age; a line counts as its first release. */
  @Override
  public int compareTo(SlurmVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return release();
  }
}
