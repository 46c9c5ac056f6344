/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which engine to talk to, and why: host, context, TLS, proxies, registry credentials. Uses {@code
 * digest} and {@code report}.
 */
@NullMarked
package io.github.slurmmaven.engine.endpoint;

import org.jspecify.annotations.NullMarked;
