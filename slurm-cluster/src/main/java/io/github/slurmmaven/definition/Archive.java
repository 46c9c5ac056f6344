/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Optional;

/**
 * A file to fetch for an image.
 *
 * @param url http(s) URL, or absolute path of a file of this machine
 * @param sha256 its digest in lower-case hexadecimal; empty if it is not checked
 */
public record Archive(String url, Optional<String> sha256) {}
