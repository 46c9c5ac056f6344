/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Beside {@link SlurmTest}: the cluster's queue is empty and its nodes are idle before the class's
 * first test, or before each. All jobs are cancelled for that, so tests of other classes on a
 * cluster do not run at the same time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ResourceLock(SlurmTest.CLUSTERS)
public @interface ResetBetweenTests {

  /** How often. */
  enum Scope {
    /** Before the first test of the class. */
    CLASS,
    /** Before each test. */
    METHOD
  }

  /** How often; default once a class. */
  Scope value() default Scope.CLASS;
}
