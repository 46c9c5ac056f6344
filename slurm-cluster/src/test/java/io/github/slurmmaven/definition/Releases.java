/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The releases of Slurm that a test runs on. */
public final class Releases {

  /** All packaged releases: what a release may do in another way than the one before. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @MethodSource("io.github.slurmmaven.definition.SlurmVersion#packaged")
  public @interface All {}

  /** Two releases, for the sake of time: what depends on ourselves more than on Slurm. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @MethodSource("io.github.slurmmaven.definition.Releases#two")
  public @interface Two {}

  private Releases() {}

  public static List<SlurmVersion> two() {
    return List.of(SlurmVersion.V22_05, SlurmVersion.V24_11);
  }
}
