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
 * Resets the cluster of a {@link SlurmTest} class before its first test, or before each test: the
 * queue is then empty and the nodes are idle. A reset cancels all jobs, so tests of other classes
 * on the cluster do not run at the same time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ResourceLock(SlurmTest.CLUSTERS)
public @interface ResetBetweenTests {

  /** When to reset. */
  enum Scope {
    /** Before the first test of the class. */
    CLASS,
    /** Before each test. */
    METHOD
  }

  /** When to reset; default once for the class. */
  Scope value() default Scope.CLASS;

  /**
   * Whether accounting has no records of jobs then, either. The cluster must have accounting. It
   * takes a second or more each time.
   */
  boolean emptyHistory() default false;
}
