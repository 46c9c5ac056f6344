/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a parameter that is a whole number.
 *
 * <p>Maven could convert it, but its message for {@code -Dslurm.port=abc} says neither how the
 * parameter is given nor what is allowed.
 */
final class WholeNumber {

  private WholeNumber() {}

  /**
   * @param allowed the allowed values, to follow "use", for example {@code "1 or more"}
   * @return the number, or null when the parameter is not given
   * @throws InvalidParameterException when it is not a whole number
   */
  static @Nullable Integer parse(String parameter, @Nullable String value, String allowed) {
    if (value == null) {
      return null;
    }
    try {
      return Integer.valueOf(value.strip());
    } catch (NumberFormatException e) {
      throw new InvalidParameterException(
          parameter, value, "is not a whole number: use " + allowed);
    }
  }
}
