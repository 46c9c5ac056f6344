/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

/** Colors words, if the output supports colors. */
public interface Style {

  /** Colors a good state. */
  String good(String text);

  /** Colors a bad state. */
  String bad(String text);

  /** Without colors. */
  Style PLAIN =
      new Style() {
        @Override
        public String good(String text) {
          return text;
        }

        @Override
        public String bad(String text) {
          return text;
        }
      };
}
