/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ThisUserTest {

  @Test
  void theCurrentUserCanRunSlurm() {
    ThisUser user = ThisUser.current();

    assertThat(user.name()).isNotBlank();
    assertThatCode(user::check).doesNotThrowAnyException();
  }

  @Test
  void refusesAUserWithoutAnAccount() {
    assertThatThrownBy(() -> new ThisUser("1000", 1000, 1000).check(OptionalInt.empty()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("user id 1000 has none in /etc/passwd")
        .hasMessageContaining("engine=docker");
  }

  @Test
  void groupMustBeTheAccounts() {
    ThisUser bob = new ThisUser("bob", 1000, 0);

    assertThatThrownBy(() -> bob.check(OptionalInt.of(1000)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("the build runs in group 0, and /etc/passwd has bob in group 1000")
        .hasMessageContaining("1000:1000");
    assertThatCode(() -> bob.check(OptionalInt.of(0))).doesNotThrowAnyException();
    assertThatCode(() -> bob.check(OptionalInt.empty())).doesNotThrowAnyException();
    assertThatCode(() -> new ThisUser("root", 0, 5).check(OptionalInt.of(0)))
        .doesNotThrowAnyException();
  }
}
