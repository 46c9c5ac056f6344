/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a {@link SlurmTest} class, or in place of {@code @Test} a method, once on each of several
 * releases of Slurm.
 *
 * <pre>{@code
 * @SlurmTest
 * @SlurmVersions({"22.05", "24.11", "26.05"})
 * class SubmitIT { … }
 * }</pre>
 *
 * <p>Each release has its own cluster, and all of them stay until the last test of the run. The
 * display name of a test shows its release, and so does the directory of a failure's diagnosis. At
 * the end of the run, a table on standard error shows which test passed on which release.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ClassTemplate
@TestTemplate
@ExtendWith(SlurmVersionsExtension.class)
public @interface SlurmVersions {

  /** Release lines of Slurm, for example {@code {"22.05", "24.11"}}. */
  String[] value();
}
