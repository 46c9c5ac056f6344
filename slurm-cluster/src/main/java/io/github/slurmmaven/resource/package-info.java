/* SPDX-License-Identifier: Apache-2.0 */
/** Files that come with the classes. Uses nothing. */
@NullMarked
package io.github.slurmmaven.resource;

import org.jspecify.annotations.NullMarked;
