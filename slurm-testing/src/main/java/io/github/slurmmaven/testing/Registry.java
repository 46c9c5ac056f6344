/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a String parameter that receives the registry's {@code host:port}, as this machine reaches
 * it.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface Registry {

  /** Whether the parameter receives the address as the cluster's nodes reach it. */
  boolean internal() default false;
}
