/* SPDX-License-Identifier: Apache-2.0 */
/** Reads the resource files beside classes. Uses nothing. */
@NullMarked
package io.github.slurmmaven.resource;

import org.jspecify.annotations.NullMarked;
