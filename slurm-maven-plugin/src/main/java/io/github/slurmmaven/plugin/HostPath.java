/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path of the host and its path on the nodes, in Compose's short syntax.
 *
 * @param source path of the host
 * @param target absolute path on the nodes
 * @param readOnly whether it ends with <code>:ro</code>
 */
record HostPath(String source, String target, boolean readOnly) {

  /** The first part may contain a colon: <code>C:\data:/data</code>. */
  private static final Pattern FORM = Pattern.compile("(.+?):(/[^:]+)(?::(ro|rw))?");

  /**
   * Reads the short syntax.
   *
   * @throws InvalidParameterException naming the parameter and the form
   */
  static HostPath parse(String parameter, String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new InvalidParameterException(
          parameter, text, "is not understood: write SOURCE:/TARGET or SOURCE:/TARGET:ro");
    }
    return new HostPath(form.group(1), form.group(2), "ro".equals(form.group(3)));
  }
}
