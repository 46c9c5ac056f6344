/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A cluster with everything: compute nodes, GPUs, a container registry, jobs in containers and
 * accounting; see {@link SlurmTest}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@SlurmTest(preset = "full")
public @interface FullClusterTest {}
