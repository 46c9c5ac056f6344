/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which engine to talk to, and why: host, context, TLS, proxies, registry credentials. Uses {@code
 * client} and {@code common}.
 */
@NullMarked
package io.github.slurmmaven.engine.endpoint;

import org.jspecify.annotations.NullMarked;
