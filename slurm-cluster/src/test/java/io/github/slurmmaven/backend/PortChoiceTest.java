/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.PortChoice.Wanted;
import io.github.slurmmaven.client.InvalidParameterException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortChoiceTest {

  private static PortChoice where(Set<Integer> taken) {
    return new PortChoice(
        port -> !taken.contains(port),
        first ->
            IntStream.iterate(first, port -> port + 1)
                .filter(port -> !taken.contains(port))
                .findFirst()
                .orElseThrow(),
        first -> first,
        port -> "somebody");
  }

  private static Wanted ssh(OptionalInt named, int before) {
    return new Wanted("port", "SSH", named, 2222, before);
  }

  private static Wanted registry(OptionalInt named, int before) {
    return new Wanted("registryPort", "the registry", named, 5000, before);
  }

  @Test
  void theDefaultGivesWayToTheNextFreeOne() {
    assertThat(
            where(Set.of(2222, 5000))
                .choose(
                    List.of(ssh(OptionalInt.empty(), 0), registry(OptionalInt.empty(), 0)),
                    Set.of(2223)))
        .containsEntry("port", 2224)
        .containsEntry("registryPort", 5001);
  }

  @Test
  void thePortOfBeforeIsKept() {
    assertThat(where(Set.of()).choose(List.of(ssh(OptionalInt.empty(), 2300)), Set.of()))
        .containsEntry("port", 2300);
    assertThat(where(Set.of()).choose(List.of(ssh(OptionalInt.empty(), 2300)), Set.of(2300)))
        .containsEntry("port", 2222);
  }

  @Test
  void aPortOfTheUserIsGivenToNoOtherCluster() {
    assertThat(
            where(Set.of())
                .choose(
                    List.of(ssh(OptionalInt.empty(), 0), registry(OptionalInt.of(2222), 0)),
                    Set.of()))
        .containsEntry("port", 2223)
        .containsEntry("registryPort", 2222);
  }

  @Test
  void twoFreePortsAreNotTheSame() {
    assertThat(
            where(Set.of())
                .choose(
                    List.of(
                        ssh(OptionalInt.of(0), 0),
                        new Wanted("registryPort", "the registry", OptionalInt.of(0), 2222, 0)),
                    Set.of()))
        .containsEntry("port", 2222)
        .containsEntry("registryPort", 2223);
  }

  @Test
  void namesTheServiceThatHasThePortToo() {
    assertThatThrownBy(
            () ->
                where(Set.of())
                    .choose(
                        List.of(ssh(OptionalInt.of(3333), 0), registry(OptionalInt.of(3333), 0)),
                        Set.of()))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "registryPort: '3333' is the port for SSH too: use another, or 0 for any free one");
  }

  @Test
  void saysWhoHasANamedPort() {
    assertThatThrownBy(
            () -> where(Set.of(2222)).choose(List.of(ssh(OptionalInt.of(2222), 0)), Set.of()))
        .hasMessageContaining("port: '2222' is taken by somebody");
  }
}
