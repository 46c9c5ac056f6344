/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

/** Gives words a colour, where there are colours. */
public interface Style {

  /** Something is as it should be. */
  String good(String text);

  /** Something is not. */
  String bad(String text);

  /** No colours. */
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
