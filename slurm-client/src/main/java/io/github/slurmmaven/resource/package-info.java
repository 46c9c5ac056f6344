/* SPDX-License-Identifier: Apache-2.0 */
/** Reading the files that come with the classes. Uses nothing. */
@NullMarked
package io.github.slurmmaven.resource;

import org.jspecify.annotations.NullMarked;
