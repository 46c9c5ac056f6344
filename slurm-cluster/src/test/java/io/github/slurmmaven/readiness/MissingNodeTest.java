/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MissingNodeTest {

  @Test
  void saysItsStateInSinfosWords() {
    assertThat(MissingNode.list("n1 down+not_responding 24.11.5,n2 idle+drain N/A"))
        .extracting(MissingNode::toString)
        .containsExactly("n1 down*", "n2 drained");
  }

  @Test
  void saysThatAnIdleNodeHasNotRegistered() {
    assertThat(MissingNode.list("n1 idle N/A"))
        .extracting(MissingNode::toString)
        .containsExactly("n1 idle (not registered)");
  }

  @Test
  void isNoneInAnEmptyList() {
    assertThat(MissingNode.list("")).isEmpty();
  }
}
