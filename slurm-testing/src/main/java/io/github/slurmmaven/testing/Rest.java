/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A parameter that is the address of slurmrestd, as a {@link java.net.URI}, or the token of the
 * user who logs in, as a String. Both together, with the headers of a request, are a {@link
 * io.github.slurmmaven.client.RestAccess}, which needs no annotation.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface Rest {}
