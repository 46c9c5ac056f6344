/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The releases of Slurm that a test runs on. The system property {@value #NAMED} names others, such
 * as those that scripts/test-source.sh compiles, or {@code all}.
 */
public final class Releases {

  /**
   * Releases instead of those that the annotation stands for, separated by commas; {@code all} is
   * each packaged release.
   */
  public static final String NAMED = "test.releases";

  /** All packaged releases: what a release may do in another way than the one before. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @MethodSource("io.github.slurmmaven.definition.Releases#all")
  public @interface All {}

  /**
   * The default release, for the sake of time: what depends on ourselves more than on Slurm, or a
   * contract that runs on all of them without containers. scripts/test-long.sh runs it on all.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @MethodSource("io.github.slurmmaven.definition.Releases#one")
  public @interface One {}

  private Releases() {}

  public static List<SlurmVersion> all() {
    return named().orElseGet(SlurmVersion::packaged);
  }

  public static List<SlurmVersion> one() {
    return named().orElseGet(() -> List.of(SlurmVersion.DEFAULT));
  }

  /**
   * Skips a slow test on other releases than the default one: for what depends on ourselves alone,
   * in a class that runs on all.
   */
  public static void skipUnlessDefault(SlurmVersion release) {
    Assumptions.assumeTrue(
        named().isPresent() || release.equals(SlurmVersion.DEFAULT),
        "the rule does not depend on the release");
  }

  private static Optional<List<SlurmVersion>> named() {
    return Optional.ofNullable(System.getProperty(NAMED))
        .filter(names -> !names.isBlank())
        .map(
            names ->
                names.equals("all")
                    ? SlurmVersion.packaged()
                    : Arrays.stream(names.split(",")).map(SlurmVersion::of).toList());
  }
}
