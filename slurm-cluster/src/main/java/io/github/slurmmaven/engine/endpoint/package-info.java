/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Finds the container engine: host, context, TLS, proxies, registry credentials. Uses {@code
 * client} and {@code common}.
 */
@NullMarked
package io.github.slurmmaven.engine.endpoint;

import org.jspecify.annotations.NullMarked;
